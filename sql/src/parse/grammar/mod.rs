//! The grammar of queries in Spark 3.5, by recursive descent over the tokens.

mod call;
mod expr;
mod from;
mod interval;
mod number;
mod primary;
mod query;
mod types;

use arrow::datatypes::DataType;

use super::ast::{Name, QueryExpr};
use super::lexer::tokenize;
use super::token::{Token, TokenKind};
use crate::error::{Result, SqlError, SyntaxError};
use crate::position::Position;

/// How deep expressions and queries may nest: enough for people, too little to exhaust the stack.
const MAX_DEPTH: usize = 120;

/// How high the tree of a statement may grow through operators, joins and set operations that stand in a row, where each
/// holds those before it: what walks the tree does so by recursion.
const MAX_HEIGHT: usize = 1_000;

/// What a join or a set operation counts for: planning one takes more of the stack, and of the time, than an operator.
const RELATION_LEVELS: usize = 4;

/// Words that end an expression or a relation, so that they are an alias only after `AS`, and no column.
const RESERVED: [&str; 53] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "UNION",
    "EXCEPT",
    "MINUS",
    "INTERSECT",
    "LATERAL",
    "WINDOW",
    "SORT",
    "CLUSTER",
    "DISTRIBUTE",
    "QUALIFY",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
    "NATURAL",
    "SEMI",
    "ANTI",
    "ON",
    "USING",
    "AS",
    "AND",
    "OR",
    "NOT",
    "BETWEEN",
    "IN",
    "LIKE",
    "ILIKE",
    "RLIKE",
    "REGEXP",
    "IS",
    "DIV",
    "ASC",
    "DESC",
    "NULLS",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "TABLESAMPLE",
    "PIVOT",
    "UNPIVOT",
    "WITH",
    "ESCAPE",
];

/// Reserved words that Spark takes as a column all the same where no clause can begin.
const COLUMN_WORDS: [&str; 9] =
    ["LEFT", "RIGHT", "FULL", "END", "OFFSET", "WINDOW", "ESCAPE", "SORT", "ANTI"];

/// Statements that are not queries: they get a message of their own.
const STATEMENTS: [&str; 36] = [
    "CREATE", "INSERT", "UPDATE", "DELETE", "MERGE", "DROP", "ALTER", "TRUNCATE", "COPY", "SHOW", "DESCRIBE",
    "DESC", "EXPLAIN", "SET", "RESET", "USE", "CACHE", "UNCACHE", "CLEAR", "REFRESH", "ANALYZE", "MSCK",
    "REPAIR", "LOAD", "GRANT", "REVOKE", "ADD", "LIST", "EXPORT", "IMPORT", "VACUUM", "OPTIMIZE", "RESTORE",
    "CALL", "FROM", "REPLACE",
];

/// Parses exactly one query.
pub(super) fn parse_query(sql: &str) -> Result<QueryExpr> {
    let tokens = tokenize(sql)?;
    refuse_other_statements(&tokens)?;
    let mut parser = Parser { tokens, at: 0, depth: 0, height: 0 };
    let query = parser.query()?;
    while parser.accept(";") {}
    match &parser.peek().kind {
        TokenKind::End => Ok(query),
        kind if parser.previous_is(";") => {
            Err(SqlError::NotAQuery { statement: format!("…; {}", kind.describe()) })
        }
        _ => Err(parser.unexpected("the end of the statement").into()),
    }
}

/// Parses the name of a type.
pub(crate) fn parse_type(text: &str) -> Parsed<DataType> {
    let mut parser = Parser { tokens: tokenize(text)?, at: 0, depth: 0, height: 0 };
    let data_type = parser.data_type()?;
    parser.expect_end()?;
    Ok(data_type)
}

fn refuse_other_statements(tokens: &[Token]) -> Result<()> {
    let first = tokens.first().map(|token| &token.kind);
    if let Some(TokenKind::Word { text, quoted: false }) = first
        && STATEMENTS.contains(&text.to_uppercase().as_str())
    {
        let words: Vec<String> =
            tokens.iter().take(2).map(|token| token.kind.describe().replace('`', "")).collect();
        return Err(SqlError::NotAQuery { statement: words.join(" ") });
    }
    Ok(())
}

/// Syntax errors are small and common here, so they travel as they are.
type Parsed<T> = Result<T, SyntaxError>;

/// A place in the tokens.
struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Height of what was read since the nesting that is open began; never too low.
    height: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.ahead(0)
    }

    /// Returns a token further on; after the end there is only the end.
    fn ahead(&self, count: usize) -> &Token {
        &self.tokens[(self.at + count).min(self.tokens.len() - 1)]
    }

    fn position(&self) -> Position {
        self.peek().position
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn previous_is(&self, symbol: &str) -> bool {
        self.at > 0 && self.tokens[self.at - 1].kind.is_symbol(symbol)
    }

    fn at_symbol(&self, symbol: &str) -> bool {
        self.peek().kind.is_symbol(symbol)
    }

    fn at_word(&self, keyword: &str) -> bool {
        self.peek().kind.is_word(keyword)
    }

    /// Tells whether the next words are these.
    fn at_words(&self, keywords: &[&str]) -> bool {
        keywords.iter().enumerate().all(|(count, keyword)| self.ahead(count).kind.is_word(keyword))
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = self.at_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn accept_word(&mut self, keyword: &str) -> bool {
        self.accept_words(&[keyword])
    }

    fn accept_words(&mut self, keywords: &[&str]) -> bool {
        let found = self.at_words(keywords);
        if found {
            for _ in keywords {
                self.advance();
            }
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Parsed<()> {
        if self.accept(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    fn expect_word(&mut self, keyword: &str) -> Parsed<()> {
        if self.accept_word(keyword) { Ok(()) } else { Err(self.unexpected(&format!("`{keyword}`"))) }
    }

    fn expect_end(&self) -> Parsed<()> {
        if self.peek().kind == TokenKind::End { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        let token = self.peek();
        if token.kind.is_word("QUALIFY") {
            return SyntaxError::new(
                token.position,
                "Spark 3.5 has no QUALIFY: filter the window function in an outer query",
            );
        }
        if token.kind.is_symbol("::") {
            return SyntaxError::new(token.position, "Spark 3.5 has no `::`: write CAST(value AS type)");
        }
        SyntaxError::new(token.position, format!("expected {expected}, found {}", token.kind.describe()))
    }

    /// Parses with one more level of nesting.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(SyntaxError::new(self.position(), "the statement nests too deeply"));
        }
        self.depth += 1;
        let beside = std::mem::take(&mut self.height);
        let result = parse(self);
        self.depth -= 1;
        self.height = beside.max(self.height + 1);
        result
    }

    /// Notes that what was read last becomes a part of what is read next, `levels` below it.
    fn link(&mut self, levels: usize) -> Parsed<()> {
        self.height += levels;
        if self.height <= MAX_HEIGHT {
            return Ok(());
        }
        let message = "too many operators, joins or set operations in a row; hint: divide the statement by WITH, or write \
                       a list with IN or concat";
        Err(SyntaxError::new(self.position(), message))
    }

    /// Parses something, or returns to where it began and gives nothing.
    fn maybe<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Option<T> {
        let (at, depth, height) = (self.at, self.depth, self.height);
        let result = parse(self).ok();
        if result.is_none() {
            (self.at, self.depth, self.height) = (at, depth, height);
        }
        result
    }

    fn comma_separated<T>(&mut self, mut parse: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![parse(self)?];
        while self.accept(",") {
            all.push(parse(self)?);
        }
        Ok(all)
    }

    fn in_parentheses<T>(&mut self, parse: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect("(")?;
        let all = self.comma_separated(parse)?;
        self.expect(")")?;
        Ok(all)
    }

    /// Reads any word as a name.
    fn name(&mut self) -> Parsed<Name> {
        match &self.peek().kind {
            TokenKind::Word { text, .. } => {
                let name = Name { text: text.clone(), position: self.position() };
                self.advance();
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// Reads an alias without `AS`, which a reserved word cannot be.
    fn bare_alias(&mut self) -> Option<Name> {
        match &self.peek().kind {
            TokenKind::Word { text, quoted } if *quoted || !is_reserved(text) => self.name().ok(),
            _ => None,
        }
    }

    /// Tells whether the next word can be the name of a column or a table.
    fn at_name(&self) -> bool {
        match &self.peek().kind {
            TokenKind::Word { quoted: true, .. } => true,
            TokenKind::Word { text, .. } => {
                !is_reserved(text) || COLUMN_WORDS.contains(&text.to_uppercase().as_str())
            }
            _ => false,
        }
    }
}

fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word.to_uppercase().as_str())
}
