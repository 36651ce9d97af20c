//! Tokens of Spark SQL.

use crate::position::Position;

/// A token and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Where it begins.
    pub(crate) position: Position,
}

/// The kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// An identifier or a keyword: both are words, the grammar tells them apart.
    Word {
        /// As it is written, without back-ticks.
        text: String,
        /// Whether it stands between back-ticks, so that it is no keyword.
        quoted: bool,
    },
    /// A number without sign, with its suffix.
    Number(String),
    /// A string with its escapes resolved.
    Text(String),
    /// Punctuation or an operator.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

impl TokenKind {
    /// Tells whether this is the keyword, which is given in upper case.
    pub(crate) fn is_word(&self, keyword: &str) -> bool {
        matches!(self, Self::Word { text, quoted: false } if text.eq_ignore_ascii_case(keyword))
    }

    /// Tells whether this is the symbol.
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self, Self::Symbol(own) if *own == symbol)
    }

    /// Names the token in a message.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Word { text, quoted: true } => format!("`{text}`"),
            Self::Word { text, .. } => format!("`{}`", text.to_uppercase()),
            Self::Number(text) => format!("`{text}`"),
            Self::Text(text) => format!("'{}'", text.chars().take(20).collect::<String>()),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end of the statement".to_owned(),
        }
    }
}
