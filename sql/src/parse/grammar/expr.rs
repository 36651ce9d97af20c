//! Expressions, by falling binding power as in Spark's grammar.
//!
//! `OR`, `AND`, `NOT` and `!`, then one predicate (`IS`, `IN`, `BETWEEN`, `LIKE`) over comparisons, then `|`, `^`, `&`,
//! `+ - ||`, `* / % DIV`, signs, and what a primary expression may carry behind it.

use super::{Parsed, Parser};
use crate::error::SyntaxError;
use crate::parse::ast::{BinaryOp, Expr, ExprKind, LikeOp, UnaryOp};
use crate::parse::token::TokenKind;
use crate::position::Position;

/// Operators between operands, loosest first; each row binds to the left.
const LEVELS: [&[(&str, BinaryOp)]; 6] = [
    &[
        ("<=>", BinaryOp::NullSafeEq),
        ("=", BinaryOp::Eq),
        ("==", BinaryOp::Eq),
        ("<>", BinaryOp::NotEq),
        ("!=", BinaryOp::NotEq),
        ("<", BinaryOp::Lt),
        ("<=", BinaryOp::LtEq),
        ("!>", BinaryOp::LtEq),
        (">", BinaryOp::Gt),
        (">=", BinaryOp::GtEq),
        ("!<", BinaryOp::GtEq),
    ],
    &[("|", BinaryOp::BitOr)],
    &[("^", BinaryOp::BitXor)],
    &[("&", BinaryOp::BitAnd)],
    &[("+", BinaryOp::Add), ("-", BinaryOp::Subtract), ("||", BinaryOp::Concat)],
    &[
        ("*", BinaryOp::Multiply),
        ("/", BinaryOp::Divide),
        ("%", BinaryOp::Remainder),
        ("DIV", BinaryOp::IntegralDivide),
    ],
];

impl Expr {
    pub(super) const fn new(kind: ExprKind, position: Position) -> Self {
        Self { kind, position }
    }
}

impl Parser {
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.nested(Self::disjunction)
    }

    fn disjunction(&mut self) -> Parsed<Expr> {
        let mut left = self.conjunction()?;
        while self.accept_word("OR") {
            self.link(1)?;
            let right = self.conjunction()?;
            left = binary(BinaryOp::Or, left, right);
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Parsed<Expr> {
        let mut left = self.negation()?;
        while self.accept_word("AND") {
            self.link(1)?;
            let right = self.negation()?;
            left = binary(BinaryOp::And, left, right);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed<Expr> {
        let position = self.position();
        // `not(x)` is the same, and `!` binds like NOT.
        if self.accept_word("NOT") || self.accept("!") {
            let inner = self.nested(Self::negation)?;
            return Ok(Expr::new(ExprKind::Not(Box::new(inner)), position));
        }
        let operand = self.operand()?;
        self.predicate(operand)
    }

    /// Reads what may be compared: no predicate, no NOT, no AND.
    pub(super) fn operand(&mut self) -> Parsed<Expr> {
        self.level(0)
    }

    fn level(&mut self, level: usize) -> Parsed<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.signed() };
        let mut left = self.level(level + 1)?;
        while let Some((_, op)) = operators.iter().find(|(text, _)| match &self.peek().kind {
            TokenKind::Symbol(symbol) => symbol == text,
            kind => kind.is_word(text),
        }) {
            self.link(1)?;
            self.advance();
            let right = self.level(level + 1)?;
            left = binary(*op, left, right);
        }
        Ok(left)
    }

    fn signed(&mut self) -> Parsed<Expr> {
        let position = self.position();
        if self.at_symbol("-")
            && let TokenKind::Number(text) = &self.ahead(1).kind
        {
            // The smallest integer of a type has no positive counterpart, so the sign belongs to the number.
            let text = text.clone();
            self.advance();
            self.advance();
            let literal = self.number(&text, true, position)?;
            return self.suffixes(Expr::new(literal, position));
        }
        for (symbol, op) in [("-", UnaryOp::Minus), ("+", UnaryOp::Plus), ("~", UnaryOp::BitNot)] {
            if self.accept(symbol) {
                let inner = self.nested(Self::signed)?;
                return Ok(Expr::new(ExprKind::Unary(op, Box::new(inner)), position));
            }
        }
        let primary = self.primary()?;
        self.suffixes(primary)
    }

    /// Reads `.field` and `[index]` behind an expression.
    fn suffixes(&mut self, mut base: Expr) -> Parsed<Expr> {
        loop {
            let position = base.position;
            if self.accept("[") {
                self.link(1)?;
                let index = self.expr()?;
                self.expect("]")?;
                base = Expr::new(ExprKind::Index(Box::new(base), Box::new(index)), position);
            } else if self.at_symbol(".") && !self.ahead(1).kind.is_symbol("*") {
                self.link(1)?;
                self.advance();
                let field = self.name()?;
                base = Expr::new(ExprKind::Field(Box::new(base), field), position);
            } else {
                return Ok(base);
            }
        }
    }

    fn predicate(&mut self, operand: Expr) -> Parsed<Expr> {
        let position = operand.position;
        if self.accept_word("IS") {
            let kind = self.is_predicate(Box::new(operand))?;
            return Ok(Expr::new(kind, position));
        }
        let negated = self.at_word("NOT") && self.is_predicate_word(1);
        if negated {
            self.advance();
        } else if !self.is_predicate_word(0) {
            return Ok(operand);
        }
        let expr = Box::new(operand);
        let kind = if self.accept_word("BETWEEN") {
            let low = Box::new(self.operand()?);
            self.expect_word("AND")?;
            let high = Box::new(self.operand()?);
            ExprKind::Between { expr, low, high, negated }
        } else if self.accept_word("IN") {
            self.in_predicate(expr, negated)?
        } else {
            self.like_predicate(expr, negated)?
        };
        Ok(Expr::new(kind, position))
    }

    fn is_predicate_word(&self, ahead: usize) -> bool {
        let kind = &self.ahead(ahead).kind;
        ["BETWEEN", "IN", "LIKE", "ILIKE", "RLIKE", "REGEXP"].iter().any(|keyword| kind.is_word(keyword))
    }

    fn is_predicate(&mut self, expr: Box<Expr>) -> Parsed<ExprKind> {
        let negated = self.accept_word("NOT");
        if self.accept_word("NULL") {
            return Ok(ExprKind::IsNull { expr, negated });
        }
        for (keyword, value) in [("TRUE", Some(true)), ("FALSE", Some(false)), ("UNKNOWN", None)] {
            if self.accept_word(keyword) {
                return Ok(ExprKind::IsTruth { expr, value, negated });
            }
        }
        if self.accept_words(&["DISTINCT", "FROM"]) {
            let position = expr.position;
            let right = Box::new(self.operand()?);
            let equal = ExprKind::Binary(BinaryOp::NullSafeEq, expr, right);
            // IS DISTINCT FROM is the opposite of `<=>`.
            return Ok(if negated { equal } else { ExprKind::Not(Box::new(Expr::new(equal, position))) });
        }
        Err(self.unexpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM"))
    }

    fn in_predicate(&mut self, expr: Box<Expr>, negated: bool) -> Parsed<ExprKind> {
        self.expect("(")?;
        let kind = if self.begins_query() {
            ExprKind::InQuery { expr, query: Box::new(self.query()?), negated }
        } else {
            ExprKind::InList { expr, list: self.comma_separated(Self::expr)?, negated }
        };
        self.expect(")")?;
        Ok(kind)
    }

    fn like_predicate(&mut self, expr: Box<Expr>, negated: bool) -> Parsed<ExprKind> {
        let word = self.advance();
        let op = match &word.kind {
            kind if kind.is_word("LIKE") => LikeOp::Like,
            kind if kind.is_word("ILIKE") => LikeOp::ILike,
            _ => LikeOp::RLike,
        };
        for quantifier in ["ANY", "SOME", "ALL"] {
            if self.at_word(quantifier) && self.ahead(1).kind.is_symbol("(") {
                return self.quantified_like(op, *expr, quantifier == "ALL", negated);
            }
        }
        let pattern = Box::new(self.operand()?);
        let mut escape = None;
        if op != LikeOp::RLike && self.accept_word("ESCAPE") {
            let position = self.position();
            escape = match self.advance().kind {
                TokenKind::Text(text) if text.chars().count() == 1 => text.chars().next(),
                _ => return Err(SyntaxError::new(position, "ESCAPE takes a string of one character")),
            };
        }
        Ok(ExprKind::Like { op, expr, pattern, escape, negated })
    }

    /// `x LIKE ANY (a, b)` is `x LIKE a OR x LIKE b`; with ALL, AND. NOT applies to each pattern.
    fn quantified_like(&mut self, op: LikeOp, expr: Expr, all: bool, negated: bool) -> Parsed<ExprKind> {
        self.advance();
        let patterns = self.in_parentheses(Self::expr)?;
        let each = |pattern: Expr| {
            let position = expr.position;
            let expr = Box::new(expr.clone());
            Expr::new(
                ExprKind::Like { op, expr, pattern: Box::new(pattern), escape: None, negated },
                position,
            )
        };
        let combine = if all { BinaryOp::And } else { BinaryOp::Or };
        let all = patterns.into_iter().map(each).reduce(|left, right| binary(combine, left, right));
        all.map(|expr| expr.kind).ok_or_else(|| self.unexpected("a pattern"))
    }
}

fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    let position = left.position;
    Expr::new(ExprKind::Binary(op, Box::new(left), Box::new(right)), position)
}
