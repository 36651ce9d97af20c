//! SELECT: from its relations to its columns.
//!
//! Every expression behind FROM and WHERE is first bound against what FROM gives. If the query aggregates, the groups
//! and aggregate functions in those expressions become columns of an aggregation, then the window functions columns of
//! windows, then generators are unnested; what is left is the projection.

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::aggregate::{Rewrite, aggregates_in, windows_in};
use super::generate::Generator;
use super::output::unique;
use super::query::{build, index_of, ordinal, refuse_correlated, sort_key};
use super::window;
use super::{Planner, Rel, Scope, ScopeColumn, bare};
use crate::bind::{Alias, Allowed, Binder, Span, Typed, normalized, same};
use crate::error::{Result, SqlError};
use crate::functions::{self, Bind};
use crate::parse::ast::{Expr as Tree, ExprKind, GroupBy, GroupItem, Name, Select, SelectItem, SortItem};
use crate::position::Position;
use crate::types;

/// An item of a SELECT list that is bound.
pub(super) struct Item {
    pub(super) typed: Typed,
    /// Name of its column.
    display: String,
    /// Whether the name is an alias.
    aliased: bool,
}

/// Everything of a SELECT that is computed behind WHERE.
struct Work {
    items: Vec<Item>,
    generator: Option<(usize, Generator, Vec<String>)>,
    having: Option<Expr>,
    sorts: Vec<Sort>,
}

impl Work {
    fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        self.items
            .iter_mut()
            .map(|item| &mut item.typed.expr)
            .chain(self.generator.iter_mut().flat_map(|(_, generator, _)| generator.inputs.iter_mut()))
            .chain(&mut self.having)
            .chain(self.sorts.iter_mut().map(|sort| &mut sort.expr))
    }

    fn rewrite(&mut self, rewrite: &Rewrite) -> Result<()> {
        self.exprs_mut().try_for_each(|expr| rewrite.apply(expr))
    }
}

const EVERYTHING: Allowed = Allowed { aggregates: true, windows: true };

/// A generator of a SELECT list: its place, what it makes, and the names that were given.
type Placed = (usize, Generator, Vec<String>);

impl Planner<'_> {
    pub(super) fn select(
        &mut self,
        select: &Select,
        order_by: &[SortItem],
        outer: Option<&Scope>,
    ) -> Result<Rel> {
        let mut rel = self.from(select, outer)?;
        if let Some(filter) = &select.filter {
            let condition = Binder::new(self, &rel.scope, outer).condition(filter, "WHERE")?;
            rel.plan = build(LogicalPlanBuilder::from(rel.plan).filter(condition))?;
        }
        let (mut items, mut generator) = self.items(select, &rel.scope, outer)?;
        let is_aggregated = select.group_by.is_some() || select.having.is_some() || {
            let inputs = generator.iter().flat_map(|(_, generator, _)| &generator.inputs);
            !aggregates_in(items.iter().map(|item| &item.typed.expr).chain(inputs)).is_empty()
        };
        if !is_aggregated && let Some((place, generator, names)) = generator.take() {
            // What it makes are rows to all that is selected beside it, window functions too.
            let (with_rows, columns) = self.generated(rel, generator, names)?;
            rel = with_rows;
            let columns = columns.into_iter().map(|column| Item {
                typed: Typed::new(column.expr(), column.data_type.clone(), column.display.clone()),
                display: column.display,
                aliased: true,
            });
            items.splice(place..place, columns);
        }
        let aliases: Vec<Alias> = items
            .iter()
            .filter(|item| item.aliased)
            .map(|item| (item.display.to_lowercase(), item.typed.clone()))
            .collect();
        let groups = match &select.group_by {
            Some(group_by) => Some(self.groups(group_by, &items, &aliases, &rel.scope, outer)?),
            None => None,
        };
        let having = self.having(select, &aliases, groups.as_ref(), &rel.scope, outer)?;
        // A query that is DISTINCT or makes rows of groups is ordered by what it gives, any other by what it computes.
        let makes_rows = generator.is_some();
        let own_order: &[SortItem] = if select.distinct || makes_rows { &[] } else { order_by };
        let sorts = self.sorts(own_order, &items, &aliases, &rel.scope, outer)?;
        let mut work = Work { items, generator, having, sorts };
        let aggregates = aggregates_in(work.exprs_mut().map(|expr| &*expr));
        if !aggregates.is_empty() || groups.is_some() || select.having.is_some() {
            let groups = groups.unwrap_or_default();
            let (plan, rewrite) = self.aggregate(rel.plan, groups, aggregates, select.position)?;
            rel.plan = plan;
            work.rewrite(&rewrite)?;
            if let Some(wrong) = work.exprs_mut().find_map(|expr| rewrite.stray_column(expr)) {
                return Err(SqlError::invalid(
                    format!(
                        "the column `{}` is neither grouped nor aggregated; hint: add it to GROUP BY, or use any_value",
                        wrong.name
                    ),
                    Position::of(&wrong.spans).unwrap_or(select.position),
                ));
            }
        }
        if let Some(condition) = work.having.take() {
            rel.plan = build(LogicalPlanBuilder::from(rel.plan).filter(condition))?;
        }
        let mut windows = windows_in(work.exprs_mut().map(|expr| &*expr));
        let lambdas = window::lambdas_in(&windows);
        if !lambdas.is_empty() {
            let (plan, rewrite) = self.computed(rel.plan, lambdas)?;
            rel.plan = plan;
            work.rewrite(&rewrite)?;
            windows = windows_in(work.exprs_mut().map(|expr| &*expr));
        }
        if !windows.is_empty() && work.generator.is_some() {
            return Err(SqlError::unsupported(
                "a window function beside a generator over aggregated rows",
                select.position,
            ));
        }
        if !windows.is_empty() {
            let rewrite = Rewrite::of_windows(&windows);
            rel.plan = LogicalPlanBuilder::window_plan(rel.plan, windows).map_err(SqlError::plan)?;
            work.rewrite(&rewrite)?;
        }
        if work.generator.is_some() {
            rel.plan = self.unnest_items(rel.plan, &mut work)?;
        }
        let rel = self.project_sorted(rel.plan, work)?;
        if !select.distinct {
            return if makes_rows { self.sort_output(rel, order_by, outer) } else { Ok(rel) };
        }
        if let Some(column) = rel.scope.columns.iter().find(|column| !types::is_orderable(&column.data_type))
        {
            return Err(SqlError::unsupported(
                format!("DISTINCT over a {}", types::display(&column.data_type)),
                select.position,
            ));
        }
        let rel = Rel {
            plan: build(LogicalPlanBuilder::from(normalized_columns(rel.plan, &rel.scope)?).distinct())?,
            scope: rel.scope,
        };
        self.sort_output(rel, order_by, outer)
    }

    /// Binds the SELECT list; stars become columns.
    fn items(
        &mut self,
        select: &Select,
        scope: &Scope,
        outer: Option<&Scope>,
    ) -> Result<(Vec<Item>, Option<Placed>)> {
        let mut items: Vec<Item> = Vec::new();
        let mut generator = None;
        let mut aliases: Vec<Alias> = Vec::new();
        for item in &select.items {
            if let ExprKind::Star(qualifier) = &item.expr.kind {
                items.extend(stars(qualifier, scope, &item.expr, self, outer)?);
                continue;
            }
            if let Some(found) = self.generator_item(item, scope, outer)? {
                if generator.is_some() {
                    return Err(SqlError::invalid(
                        "a SELECT list has at most one generator",
                        item.expr.position,
                    ));
                }
                generator = Some((items.len(), found.0, found.1));
                continue;
            }
            let mut binder = Binder::new(self, scope, outer)
                .allowing(EVERYTHING, &select.windows)
                .aliases_last(&aliases)
                .with_tests();
            let typed = binder.bind(&item.expr)?;
            let alias = match item.aliases.as_slice() {
                [] => None,
                [alias] => Some(alias.text.clone()),
                _ => {
                    return Err(SqlError::invalid(
                        "only a generator gives several columns",
                        item.expr.position,
                    ));
                }
            };
            let aliased = alias.is_some();
            let display =
                alias.or_else(|| name_of_cast(&item.expr, scope)).unwrap_or_else(|| typed.name.clone());
            if aliased {
                aliases.push((display.to_lowercase(), typed.clone()));
            }
            items.push(Item { typed, display, aliased });
        }
        Ok((items, generator))
    }

    fn generator_item(
        &mut self,
        item: &SelectItem,
        scope: &Scope,
        outer: Option<&Scope>,
    ) -> Result<Option<(Generator, Vec<String>)>> {
        let ExprKind::Call(call) = &item.expr.kind else { return Ok(None) };
        let Some(Bind::Generator(params, bind)) =
            functions::find(&call.name.key()).map(|function| &function.bind)
        else {
            return Ok(None);
        };
        let binder = Binder::new(self, scope, outer);
        let site = binder.allowing(Allowed { aggregates: true, windows: false }, &[]).site(
            call,
            params,
            item.expr.position,
        )?;
        let generator = bind(site)?;
        let names = generator.names(&item.aliases, item.expr.position)?;
        Ok(Some((generator, names)))
    }

    /// Binds GROUP BY: columns first, then positions and aliases of the SELECT list.
    fn groups(
        &mut self,
        group_by: &GroupBy,
        items: &[Item],
        aliases: &[Alias],
        scope: &Scope,
        outer: Option<&Scope>,
    ) -> Result<Groups> {
        if let [GroupItem::Plain(Tree { kind: ExprKind::Column(parts), .. })] = group_by.items.as_slice()
            && let [name] = parts.as_slice()
            && name.key() == "all"
            && scope.find(parts)?.is_none()
        {
            return groups_of_all(items);
        }
        let mut groups = Groups::default();
        for item in &group_by.items {
            match item {
                GroupItem::Plain(tree) => {
                    let index = self.group(tree, &mut groups, items, aliases, scope, outer)?;
                    groups.plain.push(index);
                }
                GroupItem::Rollup(parts) | GroupItem::Cube(parts) | GroupItem::Sets(parts) => {
                    let mut sets = Vec::new();
                    for part in parts {
                        let set = part
                            .iter()
                            .map(|tree| self.group(tree, &mut groups, items, aliases, scope, outer));
                        sets.push(set.collect::<Result<Vec<_>>>()?);
                    }
                    let sets = match item {
                        GroupItem::Rollup(_) => {
                            (0..=sets.len()).rev().map(|count| sets[..count].concat()).collect()
                        }
                        GroupItem::Cube(_) => subsets(&sets),
                        _ => sets,
                    };
                    groups.sets.push(sets);
                }
            }
        }
        Ok(groups)
    }

    fn group(
        &mut self,
        tree: &Tree,
        groups: &mut Groups,
        items: &[Item],
        aliases: &[Alias],
        scope: &Scope,
        outer: Option<&Scope>,
    ) -> Result<usize> {
        let typed = match ordinal(tree) {
            Some(ordinal) => items[index_of(ordinal, items.len(), tree.position)?].typed.clone(),
            None => Binder::new(self, scope, outer).aliases_last(aliases).bind(tree)?,
        };
        if !types::is_orderable(&typed.data_type) {
            return Err(SqlError::unsupported(
                format!("GROUP BY a {}", types::display(&typed.data_type)),
                tree.position,
            ));
        }
        if !aggregates_in([&typed.expr]).is_empty() {
            return Err(SqlError::invalid("GROUP BY takes no aggregate function", tree.position));
        }
        Ok(groups.add(typed))
    }

    /// Binds HAVING: columns come before aliases, but a column that is not grouped gives way to an alias.
    fn having(
        &mut self,
        select: &Select,
        aliases: &[Alias],
        groups: Option<&Groups>,
        scope: &Scope,
        outer: Option<&Scope>,
    ) -> Result<Option<Expr>> {
        let Some(tree) = &select.having else { return Ok(None) };
        let allowed = Allowed { aggregates: true, windows: false };
        let columns = Binder::new(self, scope, outer)
            .allowing(allowed, &[])
            .aliases_last(aliases)
            .condition(tree, "HAVING");
        if let Ok(condition) = &columns
            && groups.is_none_or(|groups| groups.cover(condition))
        {
            return columns.map(Some);
        }
        let named = Binder::new(self, scope, outer)
            .allowing(allowed, &[])
            .aliases_first(aliases)
            .condition(tree, "HAVING");
        named.or(columns).map(Some)
    }

    fn sorts(
        &mut self,
        order_by: &[SortItem],
        items: &[Item],
        aliases: &[Alias],
        scope: &Scope,
        outer: Option<&Scope>,
    ) -> Result<Vec<Sort>> {
        let selected: Vec<&Expr> = items.iter().map(|item| &item.typed.expr).collect();
        let mut sorts = Vec::new();
        for item in order_by {
            let typed = match ordinal(&item.expr) {
                Some(ordinal) => items[index_of(ordinal, items.len(), item.expr.position)?].typed.clone(),
                None => Binder::new(self, scope, outer)
                    .allowing(Allowed { aggregates: true, windows: false }, &[])
                    .aliases_first(aliases)
                    .bind(&item.expr)?,
            };
            refuse_correlated(item, &typed, &selected)?;
            sorts.extend(sort_key(item, typed)?);
        }
        Ok(sorts)
    }

    /// Evaluates everything, unnests the generator's inputs, and puts its columns among the items.
    fn unnest_items(&mut self, plan: LogicalPlan, work: &mut Work) -> Result<LogicalPlan> {
        let Some((place, generator, names)) = work.generator.take() else { return Ok(plan) };
        let mut exprs = Vec::new();
        for expr in work.items.iter_mut().map(|item| &mut item.typed.expr) {
            let name = self.fresh("c");
            exprs.push(std::mem::replace(expr, bare(&name)).alias(name));
        }
        let (plan, generated) = self.unnest(plan, exprs, generator)?;
        let columns =
            generated.into_iter().zip(names).map(|(typed, display)| Item { typed, display, aliased: true });
        work.items.splice(place..place, columns);
        Ok(plan)
    }

    /// Projects the items, ordered.
    fn project_sorted(&mut self, plan: LogicalPlan, work: Work) -> Result<Rel> {
        let names = unique(work.items.iter().map(|item| item.display.as_str()));
        let mut exprs = Vec::with_capacity(work.items.len());
        let mut columns = Vec::with_capacity(work.items.len());
        for (item, name) in work.items.into_iter().zip(names) {
            columns.push(ScopeColumn {
                qualifier: Vec::new(),
                key: item.display.to_lowercase(),
                display: item.display,
                column: Column::new_unqualified(&name),
                data_type: item.typed.data_type,
                hidden: false,
                span: item.typed.span,
                unusable: false,
            });
            exprs.push((item.typed.expr, name));
        }
        let visible = exprs.len();
        let mut sorts = work.sorts;
        for sort in &mut sorts {
            // A key of what is selected is read from there; any other one is projected for the order and dropped behind it.
            sort.expr = match over_selected(&sort.expr, &exprs)? {
                Some(expr) => expr,
                None => {
                    let name = self.fresh("order");
                    exprs.push((sort.expr.clone(), name.clone()));
                    bare(&name)
                }
            };
        }
        let hidden = exprs.len() > visible;
        let projected = exprs.into_iter().map(|(expr, name)| expr.alias(name)).collect::<Vec<_>>();
        let mut plan = build(LogicalPlanBuilder::from(plan).project(projected))?;
        if !sorts.is_empty() {
            plan = build(LogicalPlanBuilder::from(plan).sort(sorts))?;
        }
        if hidden {
            let output: Vec<Expr> = columns.iter().map(ScopeColumn::expr).collect();
            plan = build(LogicalPlanBuilder::from(plan).project(output))?;
        }
        Ok(Rel { plan, scope: Scope { columns } })
    }
}

/// Writes an expression over the columns that hold the selected expressions; none if it reads anything else.
fn over_selected(expr: &Expr, selected: &[(Expr, String)]) -> Result<Option<Expr>> {
    let mut reads_else = false;
    let over = expr.clone().transform_down(|inner| {
        if let Some((_, name)) = selected.iter().find(|(expr, _)| same(expr, &inner)) {
            return Ok(Transformed::new(bare(name), true, TreeNodeRecursion::Jump));
        }
        reads_else |= matches!(
            inner,
            Expr::Column(_)
                | Expr::OuterReferenceColumn(..)
                | Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
        );
        Ok(Transformed::no(inner))
    });
    let over = over.map_err(SqlError::plan)?;
    Ok((over.transformed && !reads_else).then_some(over.data))
}

/// A cast of a column is called like the column.
fn name_of_cast(tree: &Tree, scope: &Scope) -> Option<String> {
    let ExprKind::Cast { expr, safe: false, .. } = &tree.kind else { return None };
    let ExprKind::Column(parts) = &expr.kind else { return None };
    let found = scope.find(parts).ok()??;
    (found.used == parts.len()).then(|| parts.last().map(|name| name.text.clone()))?
}

/// What a query groups by.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Every expression once.
    pub(super) exprs: Vec<Typed>,
    /// Those that stand alone.
    pub(super) plain: Vec<usize>,
    /// Those of ROLLUP, CUBE and GROUPING SETS; each is a list of sets.
    pub(super) sets: Vec<Vec<Vec<usize>>>,
}

impl Groups {
    fn add(&mut self, typed: Typed) -> usize {
        if let Some(index) = self.exprs.iter().position(|own| same(&own.expr, &typed.expr)) {
            return index;
        }
        self.exprs.push(typed);
        self.exprs.len() - 1
    }

    /// Tells whether an expression reads nothing but groups outside of aggregate functions.
    fn cover(&self, expr: &Expr) -> bool {
        use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
        let mut covered = true;
        let walked = expr.apply(|inner| {
            if matches!(inner, Expr::AggregateFunction(_))
                || self.exprs.iter().any(|own| same(&own.expr, inner))
            {
                return Ok(TreeNodeRecursion::Jump);
            }
            covered &= !matches!(inner, Expr::Column(_));
            Ok(TreeNodeRecursion::Continue)
        });
        walked.is_ok() && covered
    }
}

/// GROUP BY ALL: every item without an aggregate function.
fn groups_of_all(items: &[Item]) -> Result<Groups> {
    let mut groups = Groups::default();
    for item in items {
        if aggregates_in([&item.typed.expr]).is_empty() {
            let index = groups.add(item.typed.clone());
            groups.plain.push(index);
        }
    }
    Ok(groups)
}

fn subsets(parts: &[Vec<usize>]) -> Vec<Vec<usize>> {
    match parts.split_first() {
        None => vec![Vec::new()],
        Some((first, rest)) => {
            let rest = subsets(rest);
            rest.iter().map(|set| [first.as_slice(), set].concat()).chain(rest.iter().cloned()).collect()
        }
    }
}

fn stars(
    qualifier: &[Name],
    scope: &Scope,
    tree: &Tree,
    planner: &mut Planner<'_>,
    outer: Option<&Scope>,
) -> Result<Vec<Item>> {
    let columns = scope.all(qualifier);
    if columns.is_empty() && !qualifier.is_empty() {
        // `s.*` of a struct.
        let column = Tree { kind: ExprKind::Column(qualifier.to_vec()), position: tree.position };
        let base = Binder::new(planner, scope, outer).bind(&column)?;
        return crate::functions::collection::structs::all_fields(base, tree.position).map(|fields| {
            fields
                .into_iter()
                .map(|typed| Item { display: typed.name.clone(), typed, aliased: false })
                .collect()
        });
    }
    if columns.is_empty() {
        return Err(SqlError::invalid("`*` needs a FROM", tree.position));
    }
    columns
        .into_iter()
        .map(|column| {
            if column.unusable {
                return Err(SqlError::ColumnType {
                    column: column.display.clone(),
                    data_type: column.data_type.to_string(),
                });
            }
            let expr = column.expr_at(tree.position);
            let mut typed = Typed::new(expr, column.data_type.clone(), column.display.clone());
            typed.span = column.span;
            Ok(Item { typed, display: column.display.clone(), aliased: false })
        })
        .collect()
}

/// Gives binary fractions the bits by which equal ones are found.
fn normalized_columns(plan: LogicalPlan, scope: &Scope) -> Result<LogicalPlan> {
    if !scope.columns.iter().any(|column| types::holds_fractional(&column.data_type)) {
        return Ok(plan);
    }
    let exprs = scope.columns.iter().map(|column| {
        let typed = Typed { span: Span::Full, ..Typed::new(column.expr(), column.data_type.clone(), "") };
        normalized(typed).expr.alias(&column.column.name)
    });
    build(LogicalPlanBuilder::from(plan).project(exprs.collect::<Vec<_>>()))
}
