//! Arrays: functions of their elements, and rows made of them.

use super::{Maker, Scope};
use crate::statement::{Column, Expr, Type};

impl Maker<'_> {
    /// A value of this type out of an array and a function of its elements, which may read columns beside them.
    pub(super) fn lambda(&mut self, wanted: Type, scope: &Scope) -> Expr {
        let of = if self.random.percent(70) { Type::Int } else { Type::Text };
        let array = Box::new(self.array(of, scope));
        self.aliases += 1;
        let name = format!("e{}", self.aliases);
        let mut inner = Scope { tests: false, ..scope.clone() };
        let variable = Column { relation: String::new(), name: name.clone(), data_type: of };
        // Several times, so that bodies read it more often than not.
        inner.columns.extend(std::iter::repeat_n(variable, 1 + scope.columns.len() / 2));
        match wanted {
            Type::Bool => Expr::Lambda("exists", array, name, Box::new(self.certain(&inner))),
            Type::Int if self.random.percent(40) => {
                let kept = Expr::Lambda("filter", array, name, Box::new(self.certain(&inner)));
                Expr::Call("size", vec![kept])
            }
            _ => {
                let body = self.without_query(wanted, &inner);
                let made = Expr::Lambda("transform", array, name, Box::new(body));
                let index = Expr::Literal((1 + self.random.below(2)).to_string());
                Expr::Call("element_at", vec![made, index])
            }
        }
    }

    /// An array of two or three elements.
    pub(super) fn array(&mut self, of: Type, scope: &Scope) -> Expr {
        let count = 2 + self.random.below(2);
        Expr::Call("array", (0..count).map(|_| self.without_query(of, scope)).collect())
    }

    /// A condition that is never null: oracles differ in what they make of one that is.
    fn certain(&mut self, scope: &Scope) -> Expr {
        let condition = self.condition_without_query(scope);
        Expr::Call("coalesce", vec![condition, Expr::Literal("FALSE".to_owned())])
    }
}
