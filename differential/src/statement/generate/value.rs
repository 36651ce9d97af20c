//! Values: columns, constants, operators, functions, aggregates, windows, subqueries.

use super::{Maker, Scope, read};
use crate::statement::{Column, Expr, Type, Window};

/// Rows around the current one.
const FRAMES: [&str; 7] = [
    "UNBOUNDED PRECEDING AND CURRENT ROW",
    "1 PRECEDING AND CURRENT ROW",
    "1 PRECEDING AND 1 FOLLOWING",
    "2 PRECEDING AND 1 PRECEDING",
    "1 FOLLOWING AND 3 FOLLOWING",
    "CURRENT ROW AND UNBOUNDED FOLLOWING",
    "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
];

/// Lambdas in each other: the engine plans them in a time that doubles with each.
const DEEPEST_LAMBDA: usize = 2;

impl Maker<'_> {
    /// An expression of a type.
    pub(super) fn expr(&mut self, wanted: Type, scope: &Scope, size: usize) -> Expr {
        if wanted == Type::Struct {
            let structs: Vec<&Column> =
                scope.columns.iter().filter(|column| column.data_type == Type::Struct).collect();
            if structs.is_empty() {
                return Expr::Null(Type::Struct);
            }
            let column: &&Column = self.random.pick(&structs);
            let column = read(column);
            if size == 0 || self.random.percent(60) {
                return column;
            }
            // A struct that is null has fields below that are not.
            return Expr::Case(vec![(self.plain_condition(scope), column)], None);
        }
        if size > 0 && self.random.percent(35) {
            return self.computed(wanted, scope, size - 1);
        }
        if scope.columns.is_empty() || self.random.percent(12) {
            return self.constant(wanted);
        }
        self.leaf(wanted, scope)
    }

    /// A column or a field of a column; a constant if there is none of the type.
    pub(super) fn leaf(&mut self, wanted: Type, scope: &Scope) -> Expr {
        let mut leaves: Vec<Expr> =
            scope.columns.iter().filter(|column| column.data_type == wanted).map(read).collect();
        let field = match wanted {
            Type::Int => Some("a"),
            Type::Text => Some("s"),
            _ => None,
        };
        if let Some(field) = field {
            let structs = scope.columns.iter().filter(|column| column.data_type == Type::Struct);
            let structs: Vec<Expr> = structs.map(read).collect();
            if !structs.is_empty() && self.random.percent(10) {
                let base = self.expr(Type::Struct, &Scope { tests: false, ..scope.clone() }, 1);
                leaves.push(Expr::Field(Box::new(base), field));
            }
            leaves.extend(structs.into_iter().map(|base| Expr::Field(Box::new(base), field)));
        }
        if leaves.is_empty() { self.constant(wanted) } else { self.random.pick(&leaves).clone() }
    }

    /// A constant, sometimes null.
    pub(super) fn constant(&mut self, wanted: Type) -> Expr {
        if self.random.percent(8) {
            return Expr::Null(wanted);
        }
        let n = self.random.below(5);
        Expr::Literal(match wanted {
            Type::Int => n.to_string(),
            Type::Long => format!("CAST({n} AS BIGINT)"),
            Type::Text => format!("'{}'", ["", "a", "b", "ab", "c"][n]),
            Type::Decimal => format!("CAST({n}.50 AS DECIMAL(10,2))"),
            Type::Double => format!("CAST({n}.5 AS DOUBLE)"),
            Type::Bool => if n.is_multiple_of(2) { "TRUE" } else { "FALSE" }.to_owned(),
            Type::Date => format!("DATE '2024-01-0{}'", n + 1),
            Type::Struct => return Expr::Null(Type::Struct),
        })
    }

    fn computed(&mut self, wanted: Type, scope: &Scope, size: usize) -> Expr {
        let may_hold = matches!(wanted, Type::Int | Type::Text | Type::Bool) && self.lambdas < DEEPEST_LAMBDA;
        if may_hold && self.random.percent(10) {
            self.lambdas += 1;
            let made = self.lambda(wanted, scope);
            self.lambdas -= 1;
            return made;
        }
        match self.random.below(if wanted == Type::Int { 8 } else { 6 }) {
            0 => {
                let when = self.plain_condition(scope);
                let then = self.expr(wanted, scope, size);
                let otherwise = self.random.percent(70).then(|| Box::new(self.expr(wanted, scope, size)));
                Expr::Case(vec![(when, then)], otherwise)
            }
            1 => {
                let (first, second) = (self.expr(wanted, scope, size), self.expr(wanted, scope, size));
                Expr::Call("coalesce", vec![first, second])
            }
            2 => {
                let (first, second) = (self.expr(wanted, scope, size), self.constant(wanted));
                Expr::Call("nullif", vec![first, second])
            }
            3 if self.work < 10 => {
                self.work += 1;
                let outer: Vec<Column> =
                    if self.random.percent(50) { scope.columns.clone() } else { Vec::new() };
                Expr::Scalar(Box::new(self.value_of(wanted, 0, &outer)))
            }
            _ => self.operated(wanted, scope, size),
        }
    }

    fn plain_condition(&mut self, scope: &Scope) -> Expr {
        let plain = Scope { tests: false, ..scope.clone() };
        self.condition(&plain, 1, 0)
    }

    fn operated(&mut self, wanted: Type, scope: &Scope, size: usize) -> Expr {
        match wanted {
            Type::Int => match self.random.below(4) {
                0 => Expr::Before("-", Box::new(self.expr(Type::Int, scope, size))),
                1 => Expr::Call("abs", vec![self.expr(Type::Int, scope, size)]),
                2 => Expr::Call("length", vec![self.expr(Type::Text, scope, size)]),
                _ => self.both("+", Type::Int, scope, size),
            },
            Type::Long => match self.random.below(2) {
                0 => Expr::Cast(Box::new(self.expr(Type::Int, scope, size)), Type::Long),
                _ => self.both("+", Type::Long, scope, size),
            },
            Type::Text => match self.random.below(3) {
                0 => Expr::Call("upper", vec![self.expr(Type::Text, scope, size)]),
                1 => Expr::Cast(Box::new(self.expr(Type::Int, scope, size)), Type::Text),
                _ => self.both("||", Type::Text, scope, size),
            },
            Type::Double => self.both("+", Type::Double, scope, size),
            Type::Bool => self.plain_condition(scope),
            _ => self.leaf(wanted, scope),
        }
    }

    fn both(&mut self, op: &'static str, wanted: Type, scope: &Scope, size: usize) -> Expr {
        let (left, right) = (self.expr(wanted, scope, size), self.expr(wanted, scope, size));
        Expr::Binary(op, Box::new(left), Box::new(right))
    }

    /// An aggregate function that gives this type.
    pub(super) fn aggregate(&mut self, wanted: Type, scope: &Scope) -> Expr {
        let filter = self.random.percent(10).then(|| Box::new(self.plain_condition(scope)));
        let distinct = self.random.percent(12);
        let arg = |maker: &mut Self, data_type| Some(Box::new(maker.without_query(data_type, scope)));
        match wanted {
            Type::Long => match self.random.below(3) {
                0 => Expr::Aggregate("count", false, None, filter),
                1 => {
                    let of = *self.random.pick(&Type::ATOMIC);
                    Expr::Aggregate("count", distinct, arg(self, of), filter)
                }
                // A sum over nothing is null in both, and a wider type in one.
                _ => Expr::Cast(
                    Box::new(Expr::Aggregate("sum", distinct, arg(self, Type::Int), filter)),
                    Type::Long,
                ),
            },
            other => {
                let name = if self.random.percent(50) { "min" } else { "max" };
                Expr::Aggregate(name, false, arg(self, other), filter)
            }
        }
    }

    pub(super) fn without_query(&mut self, wanted: Type, scope: &Scope) -> Expr {
        self.idle(|maker| maker.expr(wanted, scope, 1))
    }

    pub(super) fn condition_without_query(&mut self, scope: &Scope) -> Expr {
        self.idle(|maker| maker.plain_condition(scope))
    }

    /// Makes something without queries in it: Spark takes few of them inside of aggregates, and none in lambdas.
    fn idle(&mut self, make: impl FnOnce(&mut Self) -> Expr) -> Expr {
        let work = std::mem::replace(&mut self.work, usize::MAX / 2);
        let expr = make(self);
        self.work = work;
        expr
    }

    /// All columns in some order, and whether each descends: rows that it does not tell apart are the same.
    pub(super) fn total_order(&mut self, scope: &Scope) -> Vec<(Expr, bool)> {
        let mut keys = keys(scope);
        let mut order = Vec::with_capacity(keys.len());
        while !keys.is_empty() {
            let key = keys.remove(self.random.below(keys.len()));
            order.push((key, self.random.percent(40)));
        }
        order
    }

    /// A window function over all columns of the scope, which has only one answer.
    pub(super) fn window(&mut self, scope: &Scope) -> (Expr, Type) {
        let keys = keys(scope);
        let partition = if keys.is_empty() || self.random.percent(25) {
            Vec::new()
        } else {
            vec![self.random.pick(&keys).clone()]
        };
        let mut order = self.total_order(scope);
        if order.is_empty() {
            order.push((Expr::Literal("'x'".to_owned()), false));
        }
        let rows = |name, args| Window { name, args, ignores_nulls: false, partition, order, frame: None };
        let (window, wanted) = match self.random.below(8) {
            0 => (Window { order: Vec::new(), ..rows("count", Vec::new()) }, Type::Long),
            1 => {
                let of = self.leaf(Type::Int, scope);
                (Window { order: Vec::new(), ..rows("sum", vec![of]) }, Type::Long)
            }
            2 | 3 => {
                let name = *self.random.pick(&["lag", "lead"]);
                let mut args = vec![self.leaf(Type::Int, scope)];
                if self.random.percent(50) {
                    args.push(Expr::Literal(self.random.below(4).to_string()));
                }
                let ignores_nulls = self.random.percent(40);
                (Window { ignores_nulls, ..rows(name, args) }, Type::Int)
            }
            4 | 5 => {
                let wanted = *self.random.pick(&[Type::Int, Type::Int, Type::Text]);
                let (name, wanted) = self.random.weighted(&[
                    (2, ("min", wanted)),
                    (2, ("max", wanted)),
                    (2, ("first_value", wanted)),
                    (2, ("last_value", wanted)),
                    (1, ("sum", Type::Long)),
                    (1, ("count", Type::Long)),
                ]);
                let of = if wanted == Type::Long { Type::Int } else { wanted };
                let frame = Some(*self.random.pick(&FRAMES));
                let ignores_nulls = name.ends_with("_value") && self.random.percent(40);
                let args = vec![self.leaf(of, scope)];
                (Window { ignores_nulls, frame, ..rows(name, args) }, wanted)
            }
            _ => (rows("row_number", Vec::new()), Type::Int),
        };
        (Expr::Cast(Box::new(Expr::Window(Box::new(window))), wanted), wanted)
    }
}

/// What tells rows apart.
fn keys(scope: &Scope) -> Vec<Expr> {
    let mut keys = Vec::new();
    for column in &scope.columns {
        if column.data_type == Type::Struct {
            keys.push(Expr::Field(Box::new(read(column)), "a"));
            keys.push(Expr::Field(Box::new(read(column)), "s"));
            // A struct that is null and one of nulls are told apart.
            keys.push(Expr::Behind(Box::new(read(column)), "IS NULL"));
        } else {
            keys.push(read(column));
        }
    }
    keys
}
