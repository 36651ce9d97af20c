//! Calls of functions, with the forms that have a grammar of their own, and windows.

use super::{Parsed, Parser};
use crate::error::SyntaxError;
use crate::parse::ast::{Arg, Bound, Call, Expr, ExprKind, Frame, Literal, Name, WindowSpec};
use crate::parse::token::TokenKind;

/// Functions whose first argument may be a unit of time, and what they are called then.
const UNIT_FIRST: [(&str, &str); 6] = [
    ("timestampadd", "timestampadd"),
    ("dateadd", "timestampadd"),
    ("date_add", "timestampadd"),
    ("timestampdiff", "timestampdiff"),
    ("datediff", "timestampdiff"),
    ("date_diff", "timestampdiff"),
];

const UNITS: [&str; 12] = [
    "YEAR",
    "QUARTER",
    "MONTH",
    "WEEK",
    "DAY",
    "DAYOFYEAR",
    "HOUR",
    "MINUTE",
    "SECOND",
    "MILLISECOND",
    "MICROSECOND",
    "NANOSECOND",
];

impl Parser {
    /// Reads a call that is only a call: no filter, no window.
    pub(super) fn plain_call(&mut self) -> Parsed<Expr> {
        let position = self.position();
        let call = self.call()?;
        match &call.kind {
            ExprKind::Call(inner) if inner.over.is_none() && inner.filter.is_none() => Ok(call),
            _ => Err(SyntaxError::new(position, "expected the call of a function that makes rows")),
        }
    }

    pub(super) fn call(&mut self) -> Parsed<Expr> {
        let position = self.position();
        let mut name = self.name()?;
        self.expect("(")?;
        let mut call = Call {
            name: name.clone(),
            args: Vec::new(),
            distinct: false,
            filter: None,
            ignore_nulls: None,
            over: None,
        };
        call.args = match name.key().as_str() {
            "extract" => self.extract_args()?,
            "trim" => self.trim_args(&mut name)?,
            "position" => self.position_args()?,
            "substring" | "substr" => self.keyword_args(&["FROM", "FOR"])?,
            "overlay" => self.keyword_args(&["PLACING", "FROM", "FOR"])?,
            key => {
                let distinct = self.accept_word("DISTINCT");
                if !distinct && self.at_word("ALL") && !self.ahead(1).kind.is_symbol(")") {
                    self.advance();
                }
                call.distinct = distinct;
                let args = if self.at_symbol(")") {
                    Vec::new()
                } else {
                    self.comma_separated(|parser| parser.arg(key == "struct"))?
                };
                call.ignore_nulls = self.null_treatment();
                args
            }
        };
        call.name = name;
        self.expect(")")?;
        unit_first(&mut call)?;
        if self.at_words(&["WITHIN", "GROUP"]) {
            return Err(SyntaxError::new(self.position(), "WITHIN GROUP is not supported"));
        }
        if self.at_word("FILTER") && self.ahead(1).kind.is_symbol("(") {
            self.advance();
            self.advance();
            self.expect_word("WHERE")?;
            call.filter = Some(self.expr()?);
            self.expect(")")?;
        }
        call.ignore_nulls = call.ignore_nulls.or(self.null_treatment());
        if self.accept_word("OVER") {
            call.over = Some(if self.accept("(") {
                self.window_spec()?
            } else {
                WindowSpec { base: Some(self.name()?), ..WindowSpec::default() }
            });
        }
        Ok(Expr::new(ExprKind::Call(Box::new(call)), position))
    }

    fn null_treatment(&mut self) -> Option<bool> {
        if self.accept_words(&["IGNORE", "NULLS"]) {
            Some(true)
        } else if self.accept_words(&["RESPECT", "NULLS"]) {
            Some(false)
        } else {
            None
        }
    }

    fn arg(&mut self, named_by_as: bool) -> Parsed<Arg> {
        if self.ahead(1).kind.is_symbol("=>") {
            let name = Some(self.name()?);
            self.advance();
            return Ok(Arg { name, value: self.expr()? });
        }
        let value = self.expr()?;
        let name = if named_by_as && self.accept_word("AS") { Some(self.name()?) } else { None };
        Ok(Arg { name, value })
    }

    /// Reads `field FROM source`.
    fn extract_args(&mut self) -> Parsed<Vec<Arg>> {
        let position = self.position();
        let field = match self.peek().kind.clone() {
            TokenKind::Word { text, .. } => {
                self.advance();
                text
            }
            _ => return Err(self.unexpected("a field such as YEAR")),
        };
        self.expect_word("FROM")?;
        let source = self.expr()?;
        Ok(vec![plain(Expr::new(ExprKind::Literal(Literal::Text(field)), position)), plain(source)])
    }

    /// Reads `[BOTH | LEADING | TRAILING] [characters] FROM source`, or arguments.
    fn trim_args(&mut self, name: &mut Name) -> Parsed<Vec<Arg>> {
        for (keyword, function) in [("BOTH", "trim"), ("LEADING", "ltrim"), ("TRAILING", "rtrim")] {
            if self.at_word(keyword)
                && !self.ahead(1).kind.is_symbol(")")
                && !self.ahead(1).kind.is_symbol(",")
            {
                self.advance();
                function.clone_into(&mut name.text);
                break;
            }
        }
        if self.accept_word("FROM") {
            return Ok(vec![plain(self.expr()?)]);
        }
        let first = self.expr()?;
        if self.accept_word("FROM") {
            // As the function: characters first.
            return Ok(vec![plain(first), plain(self.expr()?)]);
        }
        self.more_args(first)
    }

    /// Reads `needle IN text`, or arguments.
    fn position_args(&mut self) -> Parsed<Vec<Arg>> {
        let first = self.operand()?;
        if self.accept_word("IN") {
            return Ok(vec![plain(first), plain(self.operand()?)]);
        }
        self.more_args(first)
    }

    /// Reads arguments that may be separated by keywords.
    fn keyword_args(&mut self, keywords: &[&str]) -> Parsed<Vec<Arg>> {
        let first = self.expr()?;
        if !keywords.first().is_some_and(|keyword| self.at_word(keyword)) {
            return self.more_args(first);
        }
        let mut args = vec![plain(first)];
        for keyword in keywords {
            if self.accept_word(keyword) {
                args.push(plain(self.operand()?));
            }
        }
        Ok(args)
    }

    fn more_args(&mut self, first: Expr) -> Parsed<Vec<Arg>> {
        let mut args = vec![plain(first)];
        while self.accept(",") {
            args.push(plain(self.expr()?));
        }
        Ok(args)
    }

    /// Reads a window after its opening parenthesis.
    pub(super) fn window_spec(&mut self) -> Parsed<WindowSpec> {
        let mut spec = WindowSpec::default();
        let clause = |parser: &Self| {
            ["PARTITION", "DISTRIBUTE", "ORDER", "SORT", "CLUSTER", "ROWS", "RANGE"]
                .iter()
                .any(|keyword| parser.at_word(keyword))
        };
        if !clause(self) && !self.at_symbol(")") {
            spec.base = Some(self.name()?);
        }
        if self.accept_words(&["PARTITION", "BY"]) || self.accept_words(&["DISTRIBUTE", "BY"]) {
            spec.partition_by = self.comma_separated(Self::expr)?;
        }
        if self.accept_words(&["ORDER", "BY"]) || self.accept_words(&["SORT", "BY"]) {
            spec.order_by = self.comma_separated(Self::sort_item)?;
        }
        if self.at_word("ROWS") || self.at_word("RANGE") {
            spec.frame = Some(self.frame()?);
        }
        self.expect(")")?;
        Ok(spec)
    }

    fn frame(&mut self) -> Parsed<Frame> {
        let position = self.position();
        let rows = self.advance().kind.is_word("ROWS");
        let (start, end) = if self.accept_word("BETWEEN") {
            let start = self.bound("PRECEDING")?;
            self.expect_word("AND")?;
            (start, self.bound("FOLLOWING")?)
        } else {
            (self.bound("PRECEDING")?, Bound::Current)
        };
        Ok(Frame { rows, start, end, position })
    }

    /// Reads a bound; the frame has no bound only on this side.
    fn bound(&mut self, side: &str) -> Parsed<Bound> {
        if self.at_word("UNBOUNDED") {
            if self.accept_words(&["UNBOUNDED", side]) {
                return Ok(Bound::Unbounded);
            }
            return Err(self.unexpected(&format!("UNBOUNDED {side}")));
        }
        if self.accept_words(&["CURRENT", "ROW"]) {
            return Ok(Bound::Current);
        }
        let offset = self.operand()?;
        if self.accept_word("PRECEDING") {
            Ok(Bound::Preceding(offset))
        } else {
            self.expect_word("FOLLOWING")?;
            Ok(Bound::Following(offset))
        }
    }
}

const fn plain(value: Expr) -> Arg {
    Arg { name: None, value }
}

/// `datediff(HOUR, a, b)` has a grammar of its own: its first argument is a word, not a column.
fn unit_first(call: &mut Call) -> Parsed<()> {
    let key = call.name.key();
    let Some((name, function)) = UNIT_FIRST.iter().find(|(name, _)| *name == key) else { return Ok(()) };
    let [first, _, _] = call.args.as_mut_slice() else { return Ok(()) };
    if let ExprKind::Column(parts) = &first.value.kind
        && let [unit] = parts.as_slice()
        && UNITS.contains(&unit.text.to_uppercase().as_str())
    {
        first.value.kind = ExprKind::Literal(Literal::Text(unit.text.clone()));
        (*function).clone_into(&mut call.name.text);
    } else if name == function {
        return Err(SyntaxError::new(first.value.position, "expected a unit such as DAY, without quotes"));
    }
    Ok(())
}
