//! Primary expressions: constants, names, calls, CASE, CAST, subqueries, lambdas.

use super::{Parsed, Parser};
use crate::datetime::text::{parse_date, parse_timestamp, parse_timestamp_ntz};
use crate::error::SyntaxError;
use crate::parse::ast::{Expr, ExprKind, Literal};
use crate::parse::token::TokenKind;
use crate::position::Position;

impl Parser {
    pub(super) fn primary(&mut self) -> Parsed<Expr> {
        let position = self.position();
        let kind = match self.peek().kind.clone() {
            TokenKind::Number(text) => {
                self.advance();
                self.number(&text, false, position)?
            }
            TokenKind::Text(_) => ExprKind::Literal(Literal::Text(self.text())),
            TokenKind::Symbol("(") => self.parenthesised()?,
            TokenKind::Symbol("*") => {
                self.advance();
                ExprKind::Star(Vec::new())
            }
            TokenKind::Word { quoted: false, text } => match self.keyword(&text.to_uppercase(), position)? {
                Some(kind) => kind,
                None => self.named()?,
            },
            TokenKind::Word { quoted: true, .. } => self.named()?,
            _ => return Err(self.unexpected("an expression")),
        };
        Ok(Expr::new(kind, position))
    }

    /// Reads strings that follow one another: they are one.
    fn text(&mut self) -> String {
        let mut all = String::new();
        while let TokenKind::Text(text) = &self.peek().kind {
            all.push_str(text);
            self.advance();
        }
        all
    }

    /// Reads an expression that begins with a keyword.
    fn keyword(&mut self, word: &str, position: Position) -> Parsed<Option<ExprKind>> {
        let next = self.ahead(1).kind.clone();
        let call = next.is_symbol("(");
        Ok(Some(match word {
            "NULL" => self.constant(Literal::Null),
            "TRUE" => self.constant(Literal::Boolean(true)),
            "FALSE" => self.constant(Literal::Boolean(false)),
            "CASE" => self.case()?,
            "CAST" if call => self.cast(false)?,
            "TRY_CAST" if call => self.cast(true)?,
            "EXISTS" if call && self.exists_query() => {
                self.advance();
                self.advance();
                let query = self.query()?;
                self.expect(")")?;
                ExprKind::Exists(Box::new(query))
            }
            "DATE" | "TIMESTAMP" | "TIMESTAMP_LTZ" | "TIMESTAMP_NTZ" | "X" if matches!(next, TokenKind::Text(_)) => {
                self.advance();
                let text = self.text();
                ExprKind::Literal(typed_literal(word, &text).ok_or_else(|| {
                    SyntaxError::new(position, format!("'{text}' is not a valid {word} constant"))
                })?)
            }
            "INTERVAL" if self.at_interval() => ExprKind::Literal(self.interval()?),
            _ => return Ok(None),
        }))
    }

    fn constant(&mut self, literal: Literal) -> ExprKind {
        self.advance();
        ExprKind::Literal(literal)
    }

    /// Tells whether `EXISTS (` begins a subquery; else it is the function over arrays.
    fn exists_query(&self) -> bool {
        let first = &self.ahead(2).kind;
        first.is_word("SELECT") || first.is_word("WITH") || first.is_word("TABLE") || first.is_word("VALUES")
    }

    /// Reads a column or a call, or a lambda of one parameter.
    fn named(&mut self) -> Parsed<ExprKind> {
        if self.ahead(1).kind.is_symbol("(") && self.call_may_begin() {
            return Ok(self.call()?.kind);
        }
        if !self.at_name() {
            return Err(self.unexpected("an expression"));
        }
        let first = self.name()?;
        if self.accept("->") {
            let body = Box::new(self.expr()?);
            return Ok(ExprKind::Lambda { params: vec![first], body });
        }
        let mut parts = vec![first];
        while self.accept(".") {
            if self.accept("*") {
                return Ok(ExprKind::Star(parts));
            }
            parts.push(self.name()?);
        }
        Ok(ExprKind::Column(parts))
    }

    /// `IN (` after a misplaced operator is no call of a function `in`.
    fn call_may_begin(&self) -> bool {
        const NEVER: [&str; 14] =
            ["SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "ON", "USING", "AS", "IN", "BETWEEN", "WHEN", "THEN", "ELSE"];
        !NEVER.iter().any(|keyword| self.at_word(keyword))
    }

    fn parenthesised(&mut self) -> Parsed<ExprKind> {
        if let Some(params) = self.maybe(|parser| {
            let params = parser.in_parentheses(Self::name)?;
            parser.expect("->")?;
            Ok(params)
        }) {
            let body = Box::new(self.expr()?);
            return Ok(ExprKind::Lambda { params, body });
        }
        self.expect("(")?;
        if self.begins_query() {
            let query = self.query()?;
            self.expect(")")?;
            return Ok(ExprKind::Scalar(Box::new(query)));
        }
        let mut parts = self.comma_separated(Self::expr)?;
        self.expect(")")?;
        match (parts.pop(), parts.is_empty()) {
            (Some(only), true) => Ok(only.kind),
            (Some(last), false) => {
                parts.push(last);
                Ok(ExprKind::Tuple(parts))
            }
            (None, _) => Err(self.unexpected("an expression")),
        }
    }

    fn case(&mut self) -> Parsed<ExprKind> {
        self.expect_word("CASE")?;
        let operand = if self.at_word("WHEN") { None } else { Some(Box::new(self.expr()?)) };
        let mut branches = Vec::new();
        while self.accept_word("WHEN") {
            let when = self.expr()?;
            self.expect_word("THEN")?;
            branches.push((when, self.expr()?));
        }
        if branches.is_empty() {
            return Err(self.unexpected("`WHEN`"));
        }
        let otherwise = if self.accept_word("ELSE") { Some(Box::new(self.expr()?)) } else { None };
        self.expect_word("END")?;
        Ok(ExprKind::Case { operand, branches, otherwise })
    }

    fn cast(&mut self, safe: bool) -> Parsed<ExprKind> {
        self.advance();
        self.expect("(")?;
        let expr = Box::new(self.expr()?);
        self.expect_word("AS")?;
        let to = self.data_type()?;
        self.expect(")")?;
        Ok(ExprKind::Cast { expr, to, safe })
    }
}

fn typed_literal(word: &str, text: &str) -> Option<Literal> {
    match word {
        "DATE" => parse_date(text).map(Literal::Date),
        "TIMESTAMP" | "TIMESTAMP_LTZ" => parse_timestamp(text).map(Literal::Timestamp),
        "TIMESTAMP_NTZ" => parse_timestamp_ntz(text).map(Literal::TimestampNtz),
        _ => bytes(text).map(Literal::Binary),
    }
}

/// Reads hexadecimal digits; an odd number of them gets a zero in front.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let odd = digits.len() % 2;
    let mut all: Vec<u8> = digits.iter().take(odd).copied().collect();
    all.extend(digits[odd..].chunks(2).map(|pair| pair[0] << 4 | pair[1]));
    Some(all)
}
