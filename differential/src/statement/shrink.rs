//! Smaller statements that may show the same fault.

use super::{Body, Expr, From, Query, Select, Type, Window};

/// Statements that are smaller by one part each; not all of them mean something.
#[must_use]
pub fn smaller(query: &Query) -> Vec<Query> {
    let mut all = Vec::new();
    // A part of it by itself.
    if let Body::Set(_, left, right) = &query.body {
        for side in [left, right] {
            all.push(Query { body: Body::clone(side), ..query.clone() });
        }
    }
    for index in 0..query.named.len() {
        let mut less = query.clone();
        let (_, inner) = less.named.remove(index);
        all.push(less);
        all.push(inner);
    }
    if query.limit.is_some() {
        all.push(Query { limit: None, ..query.clone() });
    }
    if !query.order.is_empty() {
        all.push(Query { order: Vec::new(), limit: None, ..query.clone() });
    }
    for (index, (name, inner)) in query.named.iter().enumerate() {
        all.extend(smaller(inner).into_iter().map(|inner| {
            let mut less = query.clone();
            less.named[index] = (name.clone(), inner);
            less
        }));
    }
    all.extend(of_body(&query.body).into_iter().map(|body| {
        let columns = match first_select(&body) {
            Some(select) if select.items.len() < query.columns.len() => query
                .columns
                .iter()
                .filter(|(n, _)| select.items.iter().any(|(_, m)| m == n))
                .cloned()
                .collect(),
            _ => query.columns.clone(),
        };
        let order = query.order.iter().take(columns.len()).copied().collect();
        Query { body, columns, order, ..query.clone() }
    }));
    all
}

fn first_select(body: &Body) -> Option<&Select> {
    match body {
        Body::Select(select) => Some(select),
        Body::Set(_, left, _) => first_select(left),
    }
}

fn of_body(body: &Body) -> Vec<Body> {
    match body {
        Body::Select(select) => {
            of_select(select).into_iter().map(|select| Body::Select(Box::new(select))).collect()
        }
        Body::Set(op, left, right) => {
            let lefts = of_body(left).into_iter().map(|left| Body::Set(op, Box::new(left), right.clone()));
            let rights = of_body(right).into_iter().map(|right| Body::Set(op, left.clone(), Box::new(right)));
            lefts.chain(rights).collect()
        }
    }
}

fn of_select(select: &Select) -> Vec<Select> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Select)| {
        let mut less = select.clone();
        change(&mut less);
        all.push(less);
    };
    if select.filter.is_some() {
        with(&|less| less.filter = None);
    }
    if select.having.is_some() {
        with(&|less| less.having = None);
    }
    if select.distinct {
        with(&|less| less.distinct = false);
    }
    for index in 0..select.items.len() {
        if select.items.len() > 1 {
            with(&|less| {
                less.items.remove(index);
            });
        }
        for expr in of_expr(&select.items[index].0) {
            with(&|less| less.items[index].0 = expr.clone());
        }
    }
    for index in 0..select.groups.len() {
        with(&|less| {
            less.groups.remove(index);
        });
    }
    for index in 0..select.from.len() {
        if select.from.len() > 1 {
            with(&|less| {
                less.from.remove(index);
            });
        }
        for from in of_from(&select.from[index]) {
            with(&|less| less.from[index] = from.clone());
        }
    }
    for expr in select.filter.iter().flat_map(of_expr) {
        with(&|less| less.filter = Some(expr.clone()));
    }
    for expr in select.having.iter().flat_map(of_expr) {
        with(&|less| less.having = Some(expr.clone()));
    }
    all
}

fn of_from(from: &From) -> Vec<From> {
    match from {
        From::Table(..) => Vec::new(),
        From::Values(rows, names, alias) => (0..rows.len())
            .filter(|_| rows.len() > 1)
            .map(|index| {
                let mut rows = rows.clone();
                rows.remove(index);
                From::Values(rows, names.clone(), alias.clone())
            })
            .collect(),
        From::Query(query, alias) => {
            smaller(query).into_iter().map(|query| From::Query(Box::new(query), alias.clone())).collect()
        }
        From::Join(kind, left, right, on) => {
            let mut all = vec![From::clone(left), From::clone(right)];
            let join = |kind, left: &From, right: &From, on: &Option<Expr>| {
                From::Join(kind, Box::new(left.clone()), Box::new(right.clone()), on.clone())
            };
            all.extend(of_from(left).iter().map(|left| join(kind, left, right, on)));
            all.extend(of_from(right).iter().map(|right| join(kind, left, right, on)));
            let conditions = on.iter().flat_map(of_expr);
            all.extend(conditions.map(|on| join(kind, left, right, &Some(on))));
            all
        }
    }
}

fn of_expr(expr: &Expr) -> Vec<Expr> {
    let mut all = Vec::new();
    match expr {
        Expr::Column(..) | Expr::Literal(_) | Expr::Null(_) => {}
        Expr::Field(..) => {}
        Expr::Binary(op, left, right) => {
            all.extend([Expr::clone(left), Expr::clone(right)]);
            all.extend(of_expr(left).into_iter().map(|left| Expr::Binary(op, Box::new(left), right.clone())));
            all.extend(
                of_expr(right).into_iter().map(|right| Expr::Binary(op, left.clone(), Box::new(right))),
            );
        }
        Expr::Before(op, inner) => {
            all.push(Expr::clone(inner));
            all.extend(of_expr(inner).into_iter().map(|inner| Expr::Before(op, Box::new(inner))));
        }
        Expr::Behind(inner, op) => {
            all.extend(of_expr(inner).into_iter().map(|inner| Expr::Behind(Box::new(inner), op)));
        }
        Expr::Between(inner, ..) => all.push(Expr::Behind(inner.clone(), "IS NOT NULL")),
        Expr::In(inner, list, negated) => {
            for index in 0..list.len() {
                if list.len() > 1 {
                    let mut list = list.clone();
                    list.remove(index);
                    all.push(Expr::In(inner.clone(), list, *negated));
                }
            }
            all.extend(
                of_expr(inner).into_iter().map(|inner| Expr::In(Box::new(inner), list.clone(), *negated)),
            );
        }
        Expr::InQuery(inner, query, negated) => {
            let queries = smaller(query).into_iter();
            all.extend(queries.map(|query| Expr::InQuery(inner.clone(), Box::new(query), *negated)));
            let values = of_expr(inner).into_iter();
            all.extend(values.map(|inner| Expr::InQuery(Box::new(inner), query.clone(), *negated)));
        }
        Expr::Exists(query, negated) => {
            all.extend(smaller(query).into_iter().map(|query| Expr::Exists(Box::new(query), *negated)));
        }
        Expr::Scalar(query) => {
            all.push(Expr::Null(query.columns.first().map_or(Type::Int, |(_, data_type)| *data_type)));
            all.extend(smaller(query).into_iter().map(|query| Expr::Scalar(Box::new(query))));
        }
        Expr::Case(branches, otherwise) => {
            all.extend(branches.iter().map(|(_, then)| then.clone()));
            all.extend(otherwise.iter().map(|otherwise| Expr::clone(otherwise)));
            if otherwise.is_some() {
                all.push(Expr::Case(branches.clone(), None));
            }
            for (index, (when, then)) in branches.iter().enumerate() {
                for when in of_expr(when) {
                    let mut branches = branches.clone();
                    branches[index] = (when, then.clone());
                    all.push(Expr::Case(branches, otherwise.clone()));
                }
            }
        }
        Expr::Call(name, args) => {
            all.extend(args.iter().cloned());
            for (index, arg) in args.iter().enumerate() {
                for arg in of_expr(arg) {
                    let mut args = args.clone();
                    args[index] = arg;
                    all.push(Expr::Call(name, args));
                }
            }
        }
        Expr::Aggregate(name, distinct, arg, filter) => {
            if filter.is_some() {
                all.push(Expr::Aggregate(name, *distinct, arg.clone(), None));
            }
            if *distinct {
                all.push(Expr::Aggregate(name, false, arg.clone(), filter.clone()));
            }
            for arg in arg.iter().flat_map(|arg| of_expr(arg)) {
                all.push(Expr::Aggregate(name, *distinct, Some(Box::new(arg)), filter.clone()));
            }
        }
        Expr::Window(window) => {
            if !window.partition.is_empty() {
                all.push(Expr::Window(Box::new(Window { partition: Vec::new(), ..Window::clone(window) })));
            }
            if window.frame.is_some() && !window.order.is_empty() {
                all.push(Expr::Window(Box::new(Window { frame: None, ..Window::clone(window) })));
            }
            if window.ignores_nulls {
                all.push(Expr::Window(Box::new(Window { ignores_nulls: false, ..Window::clone(window) })));
            }
        }
        Expr::Lambda(name, array, variable, body) => {
            let lambda = |array, body| Expr::Lambda(name, Box::new(array), variable.clone(), Box::new(body));
            all.extend(of_expr(array).into_iter().map(|array| lambda(array, Expr::clone(body))));
            all.extend(of_expr(body).into_iter().map(|body| lambda(Expr::clone(array), body)));
        }
        Expr::Cast(inner, to) => {
            all.extend(of_expr(inner).into_iter().map(|inner| Expr::Cast(Box::new(inner), *to)));
        }
    }
    all
}
