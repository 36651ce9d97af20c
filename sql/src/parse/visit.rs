//! Walks over syntax trees.

use super::ast::{
    Body, Bound, Expr, ExprKind, GroupItem, JoinOn, QueryExpr, Relation, RelationKind, Select, WindowSpec,
};

/// Sees every part of a query. A method that is overridden calls the `walk_…` function to go on below.
pub(crate) trait Visit {
    fn query(&mut self, query: &QueryExpr) {
        walk_query(self, query);
    }

    fn select(&mut self, select: &Select) {
        walk_select(self, select);
    }

    fn relation(&mut self, relation: &Relation) {
        walk_relation(self, relation);
    }

    fn expr(&mut self, expr: &Expr) {
        walk_expr(self, expr);
    }
}

pub(crate) fn walk_query<V: Visit + ?Sized>(visitor: &mut V, query: &QueryExpr) {
    for cte in &query.ctes {
        visitor.query(&cte.query);
    }
    walk_query_body(visitor, query);
}

/// Walks over a query without the queries that it names.
pub(crate) fn walk_query_body<V: Visit + ?Sized>(visitor: &mut V, query: &QueryExpr) {
    walk_body(visitor, &query.body);
    query.order_by.iter().for_each(|item| visitor.expr(&item.expr));
    query.limit.iter().chain(&query.offset).for_each(|expr| visitor.expr(expr));
}

fn walk_body<V: Visit + ?Sized>(visitor: &mut V, body: &Body) {
    match body {
        Body::Select(select) => visitor.select(select),
        Body::Set { left, right, .. } => {
            walk_body(visitor, left);
            walk_body(visitor, right);
        }
        Body::Relation(relation) => visitor.relation(relation),
        Body::Nested(query) => visitor.query(query),
    }
}

pub(crate) fn walk_select<V: Visit + ?Sized>(visitor: &mut V, select: &Select) {
    select.items.iter().for_each(|item| visitor.expr(&item.expr));
    select.from.iter().for_each(|relation| visitor.relation(relation));
    select.lateral_views.iter().for_each(|view| visitor.expr(&view.call));
    select.filter.iter().chain(&select.having).for_each(|expr| visitor.expr(expr));
    for item in select.group_by.iter().flat_map(|group_by| &group_by.items) {
        match item {
            GroupItem::Plain(expr) => visitor.expr(expr),
            GroupItem::Rollup(sets) | GroupItem::Cube(sets) | GroupItem::Sets(sets) => {
                sets.iter().flatten().for_each(|expr| visitor.expr(expr));
            }
        }
    }
    select.windows.iter().for_each(|(_, window)| walk_window(visitor, window));
}

pub(crate) fn walk_relation<V: Visit + ?Sized>(visitor: &mut V, relation: &Relation) {
    match &relation.kind {
        RelationKind::Table(_) => {}
        RelationKind::Query(query) => visitor.query(query),
        RelationKind::Values(rows) => rows.iter().flatten().for_each(|expr| visitor.expr(expr)),
        RelationKind::Call(call) => visitor.expr(call),
        RelationKind::Join(join) => {
            visitor.relation(&join.left);
            visitor.relation(&join.right);
            if let JoinOn::Condition(condition) = &join.on {
                visitor.expr(condition);
            }
        }
    }
}

fn walk_window<V: Visit + ?Sized>(visitor: &mut V, window: &WindowSpec) {
    window.partition_by.iter().for_each(|expr| visitor.expr(expr));
    window.order_by.iter().for_each(|item| visitor.expr(&item.expr));
    for bound in window.frame.iter().flat_map(|frame| [&frame.start, &frame.end]) {
        if let Bound::Preceding(expr) | Bound::Following(expr) = bound {
            visitor.expr(expr);
        }
    }
}

pub(crate) fn walk_expr<V: Visit + ?Sized>(visitor: &mut V, expr: &Expr) {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Column(_) | ExprKind::Star(_) => {}
        ExprKind::Unary(_, inner)
        | ExprKind::Not(inner)
        | ExprKind::IsNull { expr: inner, .. }
        | ExprKind::IsTruth { expr: inner, .. }
        | ExprKind::Cast { expr: inner, .. }
        | ExprKind::Field(inner, _)
        | ExprKind::Lambda { body: inner, .. } => visitor.expr(inner),
        ExprKind::Binary(_, left, right) | ExprKind::Index(left, right) => {
            visitor.expr(left);
            visitor.expr(right);
        }
        ExprKind::Between { expr, low, high, .. } => [expr, low, high].into_iter().for_each(|part| visitor.expr(part)),
        ExprKind::InList { expr, list, .. } => {
            visitor.expr(expr);
            list.iter().for_each(|part| visitor.expr(part));
        }
        ExprKind::InQuery { expr, query, .. } => {
            visitor.expr(expr);
            visitor.query(query);
        }
        ExprKind::Like { expr, pattern, .. } => {
            visitor.expr(expr);
            visitor.expr(pattern);
        }
        ExprKind::Exists(query) | ExprKind::Scalar(query) => visitor.query(query),
        ExprKind::Case { operand, branches, otherwise } => {
            operand.iter().chain(otherwise).for_each(|part| visitor.expr(part));
            branches.iter().flat_map(|(when, then)| [when, then]).for_each(|part| visitor.expr(part));
        }
        ExprKind::Call(call) => {
            call.args.iter().for_each(|arg| visitor.expr(&arg.value));
            call.filter.iter().for_each(|filter| visitor.expr(filter));
            call.over.iter().for_each(|window| walk_window(visitor, window));
        }
        ExprKind::Tuple(parts) => parts.iter().for_each(|part| visitor.expr(part)),
    }
}
