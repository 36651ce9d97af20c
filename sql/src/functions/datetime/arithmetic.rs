//! `+` and `-` where a date, a timestamp or an interval takes part.

use crate::bind::Typed;
use crate::error::Result;
use crate::parse::ast::BinaryOp;
use crate::position::Position;

/// Binds an operator; nothing if it is not defined for these types. None is yet: `date_add`, `date_sub`, `add_months` and
/// `datediff` do the same by name.
#[expect(clippy::unnecessary_wraps, reason = "operators that are defined can be wrong in other ways")]
pub(crate) fn bind(
    _op: BinaryOp,
    _left: Typed,
    _right: Typed,
    _name: String,
    _position: Position,
) -> Result<Option<Typed>> {
    Ok(None)
}
