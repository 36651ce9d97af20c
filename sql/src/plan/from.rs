//! FROM: tables, queries, VALUES, joins, lateral views.

use std::any::Any;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, JoinType, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use futures::FutureExt;

use super::generate::Generator;
use super::query::{build, project, rename_columns};
use super::{Planner, Rel, Scope, ScopeColumn};
use crate::bind::{Binder, Span, Typed, coalesce, common_type_of_column, compare};
use crate::error::{Result, SqlError};
use crate::functions::{self, Bind};
use crate::parse::ast::{
    BinaryOp, Expr as Tree, ExprKind, Join, JoinKind, JoinOn, LateralView, Name, Relation, RelationKind,
    Select,
};
use crate::position::Position;
use crate::session;
use crate::spelling::SpelledTable;
use crate::types;

impl Planner<'_> {
    /// Plans FROM with its lateral views; without FROM there is one row without columns.
    pub(super) fn from(&mut self, select: &Select, outer: Option<&Scope>) -> Result<Rel> {
        let mut relations = select.from.iter();
        let mut rel = match relations.next() {
            Some(first) => self.relation(first, outer)?,
            None => Rel { plan: build(Ok(LogicalPlanBuilder::empty(true)))?, scope: Scope::default() },
        };
        for relation in relations {
            let right = self.relation(relation, outer)?;
            let plan = build(LogicalPlanBuilder::from(rel.plan).cross_join(right.plan))?;
            rel = Rel { plan, scope: Scope { columns: [rel.scope.columns, right.scope.columns].concat() } };
        }
        for view in &select.lateral_views {
            rel = self.lateral_view(rel, view, outer)?;
        }
        Ok(rel)
    }

    pub(super) fn relation(&mut self, relation: &Relation, outer: Option<&Scope>) -> Result<Rel> {
        let (rel, name) = match &relation.kind {
            RelationKind::Join(join) => {
                let rel = self.join(join, outer)?;
                // Parentheses around a join may carry an alias; then only that is seen.
                if relation.alias.is_none() {
                    return Ok(rel);
                }
                let columns = rel.scope.all(&[]).into_iter().map(|column| {
                    let typed = Typed::new(column.expr(), column.data_type.clone(), column.display.clone());
                    (Typed { span: column.span, ..typed }, column.display.clone())
                });
                let columns = columns.collect();
                (project(rel.plan, columns)?, Vec::new())
            }
            RelationKind::Table(parts) => self.table(parts)?,
            RelationKind::Query(query) => (self.query(query, outer)?, Vec::new()),
            RelationKind::Values(rows) => (self.values(rows, outer, relation.position)?, Vec::new()),
            RelationKind::Call(call) => (self.table_function(call, outer)?, Vec::new()),
        };
        self.aliased(rel, name, relation)
    }

    /// Gives a relation a name of its own in the plan, and the names by which it is called in the query.
    fn aliased(&mut self, rel: Rel, name: Vec<String>, relation: &Relation) -> Result<Rel> {
        let qualifier = match &relation.alias {
            Some(alias) => vec![alias.key()],
            None => name,
        };
        let wish = qualifier.last().cloned().unwrap_or_else(|| "query".to_owned());
        let unique = self.relation_name(&wish);
        let plan = build(LogicalPlanBuilder::from(rel.plan).alias(unique.as_str()))?;
        let mut scope = rel.scope;
        scope.columns.retain(|column| !column.hidden);
        for column in &mut scope.columns {
            column.qualifier.clone_from(&qualifier);
            column.column = Column::new(Some(unique.as_str()), &column.column.name);
        }
        rename_columns(&mut scope, &relation.columns, &wish, relation.position)?;
        Ok(Rel { plan, scope })
    }

    /// Finds a named query or a table, and the names by which it may be called.
    fn table(&mut self, parts: &[Name]) -> Result<(Rel, Vec<String>)> {
        let keys: Vec<String> = parts.iter().map(Name::key).collect();
        if let [key] = keys.as_slice()
            && let Some((_, rel)) = self.ctes.iter().rev().find(|(name, _)| name == key)
        {
            return Ok((rel.clone(), keys));
        }
        let written = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        let unknown = || SqlError::UnknownTable { name: written.clone(), position: parts[0].position };
        let (schema, name) = match keys.as_slice() {
            [name] => (session::DEFAULT_SCHEMA, name.as_str()),
            [schema, name] => (schema.as_str(), name.as_str()),
            _ => return Err(unknown()),
        };
        let catalog = self.state.catalog_list().catalog(session::CATALOG).ok_or_else(unknown)?;
        let provider = catalog.schema(schema).ok_or_else(unknown)?;
        let table = provider.table(name).now_or_never().ok_or_else(|| {
            SqlError::unsupported(format!("the table `{written}`, which is not ready,"), parts[0].position)
        })?;
        let table = table
            .map_err(|source| SqlError::Catalog { table: written.clone(), source: Box::new(source) })?
            .ok_or_else(unknown)?;
        let reference = if schema == session::DEFAULT_SCHEMA {
            TableReference::bare(name)
        } else {
            TableReference::partial(schema, name)
        };
        Ok((scan(table, reference)?, keys))
    }

    fn values(&mut self, rows: &[Vec<Tree>], outer: Option<&Scope>, position: Position) -> Result<Rel> {
        // A row that is only `struct(…)` is taken for a row of its fields.
        if let Some(row) = rows.iter().find(|row| matches!(row.as_slice(), [tree] if is_struct_call(tree))) {
            return Err(SqlError::unsupported(
                "a row of VALUES that is nothing but struct(…), which is not named_struct(…),",
                row[0].position,
            ));
        }
        let width = rows.first().map_or(0, Vec::len);
        let mut columns: Vec<Vec<Typed>> = vec![Vec::new(); width];
        for row in rows {
            if row.len() != width {
                return Err(SqlError::invalid("the rows of VALUES have different lengths", position));
            }
            for (tree, column) in row.iter().zip(&mut columns) {
                column.push(Binder::new(self, &Scope::default(), outer).bind(tree)?);
            }
        }
        let mut cast = Vec::with_capacity(width);
        for column in columns {
            let span = column.first().map_or(Span::Full, |first| first.span);
            let column = common_type_of_column(column, false, "VALUES", position)?;
            cast.push((column, span));
        }
        let exprs: Vec<Vec<Expr>> = (0..rows.len())
            .map(|row| cast.iter().map(|(column, _)| column[row].expr.clone()).collect())
            .collect();
        let plan = build(LogicalPlanBuilder::values(exprs))?;
        let names: Vec<String> = plan.schema().fields().iter().map(|field| field.name().clone()).collect();
        let items = cast.into_iter().zip(names).enumerate().map(|(index, ((column, span), name))| {
            let data_type = column.first().map_or(DataType::Null, |first| first.data_type.clone());
            let typed =
                Typed { span, ..Typed::new(Expr::Column(Column::new_unqualified(name)), data_type, "") };
            (typed, format!("col{}", index + 1))
        });
        project(plan, items.collect())
    }

    fn table_function(&mut self, tree: &Tree, outer: Option<&Scope>) -> Result<Rel> {
        let ExprKind::Call(call) = &tree.kind else {
            return Err(SqlError::unsupported("this relation", tree.position));
        };
        let key = call.name.key();
        let function = functions::find(&key).ok_or_else(|| SqlError::UnknownFunction {
            name: call.name.text.clone(),
            position: tree.position,
            nearest: super::nearest(&key, functions::all_names()),
        })?;
        let empty = Scope::default();
        let generator = match &function.bind {
            Bind::Table(params, bind) | Bind::Generator(params, bind) => {
                let site = Binder::new(self, &empty, outer).site(call, params, tree.position)?;
                bind(site)?
            }
            _ => return Err(SqlError::invalid(format!("`{}` makes no rows", call.name.text), tree.position)),
        };
        let names = generator.names(&[], tree.position)?;
        let one_row = build(Ok(LogicalPlanBuilder::empty(true)))?;
        let (plan, outputs) = self.unnest(one_row, Vec::new(), generator)?;
        project(plan, outputs.into_iter().zip(names).collect())
    }

    fn lateral_view(&mut self, rel: Rel, view: &LateralView, outer: Option<&Scope>) -> Result<Rel> {
        let ExprKind::Call(call) = &view.call.kind else {
            return Err(SqlError::unsupported("this LATERAL VIEW", view.position));
        };
        let Some(Bind::Generator(params, bind)) =
            functions::find(&call.name.key()).map(|function| &function.bind)
        else {
            return Err(SqlError::invalid(
                format!("`{}` is no generator", call.name.text),
                view.call.position,
            ));
        };
        let site = Binder::new(self, &rel.scope, outer).site(call, params, view.call.position)?;
        let mut generator = bind(site)?;
        generator.outer |= view.outer;
        let names = generator.names(&view.columns, view.position)?;
        let qualifier: Vec<String> = view.alias.iter().map(Name::key).collect();
        let (mut rel, generated) = self.generated(rel, generator, names)?;
        rel.scope.columns.extend(
            generated.into_iter().map(|column| ScopeColumn { qualifier: qualifier.clone(), ..column }),
        );
        Ok(rel)
    }

    /// The rows of `rel` with what a generator makes of each, and its columns, which the scope does not name.
    pub(super) fn generated(
        &mut self,
        rel: Rel,
        generator: Generator,
        names: Vec<String>,
    ) -> Result<(Rel, Vec<ScopeColumn>)> {
        let before: Vec<Expr> = rel.plan.schema().columns().into_iter().map(Expr::Column).collect();
        let (plan, outputs) = self.unnest(rel.plan, before, generator)?;
        let mut exprs: Vec<Expr> = rel.scope.columns.iter().map(ScopeColumn::expr).collect();
        let mut generated = Vec::new();
        for (typed, display) in outputs.into_iter().zip(names) {
            let name = self.fresh("view");
            exprs.push(typed.expr.alias(&name));
            generated.push(ScopeColumn {
                qualifier: Vec::new(),
                key: display.to_lowercase(),
                display,
                column: Column::new_unqualified(name),
                data_type: typed.data_type,
                hidden: false,
                span: Span::Full,
                unusable: false,
            });
        }
        let plan = build(LogicalPlanBuilder::from(plan).project(exprs))?;
        Ok((Rel { plan, scope: rel.scope }, generated))
    }

    fn join(&mut self, join: &Join, outer: Option<&Scope>) -> Result<Rel> {
        let left = self.relation(&join.left, outer)?;
        let right = self.relation(&join.right, outer)?;
        let kind = match join.kind {
            JoinKind::Inner => JoinType::Inner,
            JoinKind::Left => JoinType::Left,
            JoinKind::Right => JoinType::Right,
            JoinKind::Full => JoinType::Full,
            JoinKind::Semi => JoinType::LeftSemi,
            JoinKind::Anti => JoinType::LeftAnti,
        };
        let both = Scope { columns: [left.scope.columns.clone(), right.scope.columns.clone()].concat() };
        let clause = if kind == JoinType::Inner { "ON" } else { "ON of an outer join" };
        let mut conditions = Vec::new();
        let mut shared = Vec::new();
        match &join.on {
            JoinOn::Nothing => {}
            JoinOn::Condition(tree) => {
                conditions.push(Binder::new(self, &both, outer).condition(tree, clause)?)
            }
            JoinOn::Using(names) => shared.clone_from(names),
            JoinOn::Natural if matches!(join.kind, JoinKind::Semi | JoinKind::Anti) => {
                return Err(SqlError::invalid(
                    "NATURAL does not go with SEMI and ANTI joins; hint: write USING",
                    join.left.position,
                ));
            }
            JoinOn::Natural => {
                let keys = right.scope.all(&[]);
                let common = left
                    .scope
                    .all(&[])
                    .into_iter()
                    .filter(|own| keys.iter().any(|other| other.key == own.key));
                shared = common
                    .map(|own| Name { text: own.display.clone(), position: join.left.position })
                    .collect();
            }
        }
        let mut merged = Vec::new();
        for name in &shared {
            let (one, other) = (side(&left.scope, name)?, side(&right.scope, name)?);
            let equal = compare(BinaryOp::Eq, one.clone(), other.clone(), name.position)?;
            conditions.push(equal.expr);
            merged.push((name, one, other));
        }
        let plan = if conditions.is_empty() && kind == JoinType::Inner {
            build(LogicalPlanBuilder::from(left.plan).cross_join(right.plan))?
        } else {
            // Only an inner join has an operator without a condition.
            if conditions.is_empty() {
                conditions.push(lit(true));
            }
            build(LogicalPlanBuilder::from(left.plan).join_on(right.plan, kind, conditions))?
        };
        let one_sided = matches!(join.kind, JoinKind::Semi | JoinKind::Anti);
        let scope = if one_sided { left.scope } else { both };
        if merged.is_empty() {
            return Ok(Rel { plan, scope });
        }
        self.merge(plan, scope, merged, join.kind)
    }

    /// Puts the columns of USING first, once each.
    fn merge(
        &mut self,
        plan: LogicalPlan,
        mut scope: Scope,
        merged: Vec<(&Name, Typed, Typed)>,
        kind: JoinKind,
    ) -> Result<Rel> {
        let mut plan = plan;
        let mut first = Vec::new();
        for (name, one, other) in merged {
            let typed = match kind {
                JoinKind::Right => other.clone(),
                JoinKind::Full => {
                    coalesce(vec![one.clone(), other.clone()], name.text.clone(), name.position)?
                }
                _ => one.clone(),
            };
            let column = match &typed.expr {
                Expr::Column(column) => column.clone(),
                _ => {
                    let merged_name = self.fresh("using");
                    let all = plan
                        .schema()
                        .columns()
                        .into_iter()
                        .map(Expr::Column)
                        .chain([typed.expr.clone().alias(&merged_name)]);
                    plan = build(LogicalPlanBuilder::from(plan).project(all.collect::<Vec<_>>()))?;
                    Column::new_unqualified(merged_name)
                }
            };
            let display = match scope.columns.iter().find(|own| own.expr() == one.expr) {
                Some(own) => own.display.clone(),
                None => name.text.clone(),
            };
            for own in &mut scope.columns {
                own.hidden |= own.expr() == one.expr || own.expr() == other.expr;
            }
            first.push(ScopeColumn {
                qualifier: Vec::new(),
                key: name.key(),
                display,
                column,
                data_type: typed.data_type,
                hidden: false,
                span: typed.span,
                unusable: false,
            });
        }
        first.extend(scope.columns);
        Ok(Rel { plan, scope: Scope { columns: first } })
    }
}

fn is_struct_call(tree: &Tree) -> bool {
    matches!(&tree.kind, ExprKind::Call(call) if call.name.key() == "struct")
}

fn side(scope: &Scope, name: &Name) -> Result<Typed> {
    let found = scope.find(std::slice::from_ref(name))?.ok_or_else(|| SqlError::UnknownColumn {
        name: name.text.clone(),
        position: name.position,
        nearest: scope.nearest(&name.text),
    })?;
    Ok(Typed::new(found.column.expr(), found.column.data_type.clone(), name.text.clone()))
}

/// Reads a table; types that plans do not compute with are cast where nothing gets lost.
fn scan(table: Arc<dyn TableProvider>, reference: TableReference) -> Result<Rel> {
    let schema = table.schema();
    let spelled = (table.as_ref() as &dyn Any).downcast_ref::<SpelledTable>();
    let spelling = |index: usize| spelled.and_then(|spelled| spelled.name(index));
    let read = spelled.map_or(&table, SpelledTable::table);
    let source = provider_as_source(Arc::clone(read));
    let plan = build(LogicalPlanBuilder::scan(reference.clone(), source, None))?;
    let mut exprs = Vec::with_capacity(schema.fields().len());
    let mut columns = Vec::with_capacity(schema.fields().len());
    let mut foreign = false;
    for (index, field) in schema.fields().iter().enumerate() {
        let canonical = types::canonical(field.data_type());
        let column = Column::new(Some(reference.clone()), field.name());
        let mut expr = Expr::Column(column.clone());
        if let Some(data_type) = canonical.as_ref().filter(|data_type| *data_type != field.data_type()) {
            foreign = true;
            expr = Expr::Cast(Cast::new(Box::new(expr), data_type.clone())).alias(field.name());
        }
        exprs.push(expr);
        columns.push(ScopeColumn {
            qualifier: Vec::new(),
            key: field.name().to_lowercase(),
            display: spelling(index).unwrap_or(field.name()).to_owned(),
            column,
            unusable: canonical.is_none(),
            data_type: canonical.unwrap_or_else(|| field.data_type().clone()),
            hidden: false,
            span: Span::Full,
        });
    }
    let plan = if foreign { build(LogicalPlanBuilder::from(plan).project(exprs))? } else { plan };
    Ok(Rel { plan, scope: Scope { columns } })
}
