//! Queries: WITH, set operations, SELECT, ORDER BY, LIMIT.

use super::{Parsed, Parser, RELATION_LEVELS};
use crate::error::SyntaxError;
use crate::parse::ast::{
    Body, Cte, Expr, ExprKind, GroupBy, GroupItem, QueryExpr, Relation, RelationKind, Select, SelectItem,
    SetOp, SortItem,
};

impl Parser {
    pub(super) fn query(&mut self) -> Parsed<QueryExpr> {
        self.nested(Self::query_here)
    }

    fn query_here(&mut self) -> Parsed<QueryExpr> {
        let position = self.position();
        let ctes = if self.accept_word("WITH") { self.comma_separated(Self::cte)? } else { Vec::new() };
        let body = self.body()?;
        for (clause, words) in [
            ("CLUSTER BY", ["CLUSTER", "BY"]),
            ("DISTRIBUTE BY", ["DISTRIBUTE", "BY"]),
            ("SORT BY", ["SORT", "BY"]),
        ] {
            if self.at_words(&words) {
                return Err(SyntaxError::new(
                    self.position(),
                    format!("{clause} is not supported: rows have no order without ORDER BY"),
                ));
            }
        }
        let order_by = if self.accept_words(&["ORDER", "BY"]) {
            self.comma_separated(Self::sort_item)?
        } else {
            Vec::new()
        };
        let mut limit = None;
        if self.accept_word("LIMIT") && !self.accept_word("ALL") {
            limit = Some(self.expr()?);
        }
        let offset = if self.accept_word("OFFSET") { Some(self.expr()?) } else { None };
        Ok(QueryExpr { ctes, body, order_by, limit, offset, position })
    }

    fn cte(&mut self) -> Parsed<Cte> {
        let name = self.name()?;
        let columns = if self.at_symbol("(") && !self.ahead(1).kind.is_word("SELECT") {
            self.in_parentheses(Self::name)?
        } else {
            Vec::new()
        };
        self.accept_word("AS");
        self.expect("(")?;
        let query = self.query()?;
        self.expect(")")?;
        Ok(Cte { name, columns, query })
    }

    /// UNION, EXCEPT and MINUS bind less than INTERSECT; equals bind to the left.
    fn body(&mut self) -> Parsed<Body> {
        let mut left = self.intersection()?;
        loop {
            let position = self.position();
            let op = if self.accept_word("UNION") {
                SetOp::Union
            } else if self.accept_word("EXCEPT") || self.accept_word("MINUS") {
                SetOp::Except
            } else {
                return Ok(left);
            };
            self.link(RELATION_LEVELS)?;
            let all = self.set_quantifier();
            let right = Box::new(self.intersection()?);
            left = Body::Set { op, all, left: Box::new(left), right, position };
        }
    }

    fn intersection(&mut self) -> Parsed<Body> {
        let mut left = self.body_primary()?;
        loop {
            let position = self.position();
            if !self.accept_word("INTERSECT") {
                return Ok(left);
            }
            self.link(RELATION_LEVELS)?;
            let all = self.set_quantifier();
            let right = Box::new(self.body_primary()?);
            left = Body::Set { op: SetOp::Intersect, all, left: Box::new(left), right, position };
        }
    }

    fn set_quantifier(&mut self) -> bool {
        let all = self.accept_word("ALL");
        if !all {
            self.accept_word("DISTINCT");
        }
        all
    }

    fn body_primary(&mut self) -> Parsed<Body> {
        if self.at_word("SELECT") {
            return Ok(Body::Select(Box::new(self.select()?)));
        }
        if self.at_word("VALUES") {
            return Ok(Body::Relation(Box::new(self.values()?)));
        }
        let position = self.position();
        if self.accept_word("TABLE") {
            let kind = RelationKind::Table(self.qualified_name()?);
            return Ok(Body::Relation(Box::new(Relation {
                kind,
                alias: None,
                columns: Vec::new(),
                position,
            })));
        }
        if self.accept("(") {
            let query = self.query()?;
            self.expect(")")?;
            return Ok(Body::Nested(Box::new(query)));
        }
        Err(self.unexpected("a query (SELECT, WITH or VALUES)"))
    }

    fn select(&mut self) -> Parsed<Select> {
        let position = self.position();
        self.expect_word("SELECT")?;
        let distinct = self.accept_word("DISTINCT");
        if !distinct && self.at_word("ALL") && !self.ahead(1).kind.is_symbol("(") {
            self.advance();
        }
        let items = self.comma_separated(Self::select_item)?;
        let from = if self.accept_word("FROM") { self.relations()? } else { Vec::new() };
        let mut lateral_views = Vec::new();
        while self.at_words(&["LATERAL", "VIEW"]) {
            self.link(RELATION_LEVELS)?;
            lateral_views.push(self.lateral_view()?);
        }
        let filter = if self.accept_word("WHERE") { Some(self.expr()?) } else { None };
        let group_by = if self.at_words(&["GROUP", "BY"]) { Some(self.group_by()?) } else { None };
        let having = if self.accept_word("HAVING") { Some(self.expr()?) } else { None };
        let mut windows = Vec::new();
        if self.accept_word("WINDOW") {
            windows = self.comma_separated(|parser| {
                let name = parser.name()?;
                parser.expect_word("AS")?;
                parser.expect("(")?;
                Ok((name, parser.window_spec()?))
            })?;
        }
        Ok(Select { distinct, items, from, lateral_views, filter, group_by, having, windows, position })
    }

    fn select_item(&mut self) -> Parsed<SelectItem> {
        let position = self.position();
        if self.accept("*") {
            if self.at_word("EXCEPT") && self.ahead(1).kind.is_symbol("(") {
                return Err(SyntaxError::new(
                    self.position(),
                    "Spark 3.5 has no `* EXCEPT (…)`: name the columns",
                ));
            }
            return Ok(SelectItem {
                expr: Expr { kind: ExprKind::Star(Vec::new()), position },
                aliases: Vec::new(),
            });
        }
        let expr = self.expr()?;
        let aliases = if self.accept_word("AS") {
            if self.at_symbol("(") { self.in_parentheses(Self::name)? } else { vec![self.name()?] }
        } else {
            self.bare_alias().into_iter().collect()
        };
        if matches!(expr.kind, ExprKind::Star(_)) && !aliases.is_empty() {
            return Err(SyntaxError::new(position, "`*` takes no alias"));
        }
        Ok(SelectItem { expr, aliases })
    }

    pub(super) fn sort_item(&mut self) -> Parsed<SortItem> {
        let expr = self.expr()?;
        let descending = self.accept_word("DESC");
        if !descending {
            self.accept_word("ASC");
        }
        let nulls_first = if self.accept_words(&["NULLS", "FIRST"]) {
            Some(true)
        } else if self.accept_words(&["NULLS", "LAST"]) {
            Some(false)
        } else {
            None
        };
        Ok(SortItem { expr, descending, nulls_first })
    }

    fn group_by(&mut self) -> Parsed<GroupBy> {
        let position = self.position();
        self.expect_word("GROUP")?;
        self.expect_word("BY")?;
        let mut items = self.comma_separated(Self::group_item)?;
        let with = if self.accept_words(&["WITH", "ROLLUP"]) {
            Some(GroupItem::Rollup as fn(Vec<Vec<Expr>>) -> GroupItem)
        } else if self.accept_words(&["WITH", "CUBE"]) {
            Some(GroupItem::Cube as fn(Vec<Vec<Expr>>) -> GroupItem)
        } else {
            None
        };
        if self.at_words(&["GROUPING", "SETS"]) {
            return Err(SyntaxError::new(
                self.position(),
                "write GROUP BY GROUPING SETS (…) without columns before it",
            ));
        }
        if let Some(with) = with {
            let parts = items
                .into_iter()
                .map(|item| match item {
                    GroupItem::Plain(expr) => Ok(vec![expr]),
                    _ => Err(SyntaxError::new(position, "WITH ROLLUP and WITH CUBE take plain columns")),
                })
                .collect::<Parsed<Vec<_>>>()?;
            items = vec![with(parts)];
        }
        Ok(GroupBy { items, position })
    }

    fn group_item(&mut self) -> Parsed<GroupItem> {
        if self.accept_words(&["GROUPING", "SETS"]) {
            return Ok(GroupItem::Sets(self.in_parentheses(Self::grouping_set)?));
        }
        for (keyword, build) in
            [("ROLLUP", GroupItem::Rollup as fn(_) -> _), ("CUBE", GroupItem::Cube as fn(_) -> _)]
        {
            if self.at_word(keyword) && self.ahead(1).kind.is_symbol("(") {
                self.advance();
                return Ok(build(self.in_parentheses(Self::grouping_set)?));
            }
        }
        Ok(GroupItem::Plain(self.expr()?))
    }

    /// Reads `(a, b)`, `()` or `a`.
    fn grouping_set(&mut self) -> Parsed<Vec<Expr>> {
        if self.at_symbol("(") && self.ahead(1).kind.is_symbol(")") {
            self.advance();
            self.advance();
            return Ok(Vec::new());
        }
        let expr = self.expr()?;
        Ok(match expr.kind {
            ExprKind::Tuple(parts) => parts,
            kind => vec![Expr { kind, position: expr.position }],
        })
    }
}
