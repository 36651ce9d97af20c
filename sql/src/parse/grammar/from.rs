//! What stands after FROM.

use super::{Parsed, Parser, RELATION_LEVELS};
use crate::error::SyntaxError;
use crate::parse::ast::{Join, JoinKind, JoinOn, LateralView, Name, Relation, RelationKind};
use crate::parse::token::TokenKind;
use crate::position::Position;

impl Parser {
    /// Reads all that stands after FROM.
    ///
    /// As in Spark, and otherwise than in the standard, a comma binds like a join: in `a, b RIGHT JOIN c` what `a` and `b` give
    /// together is joined to `c`.
    pub(super) fn relations(&mut self) -> Parsed<Vec<Relation>> {
        let mut all = Vec::new();
        loop {
            all.push(self.relation_primary()?);
            all = self.joined(all)?;
            if !self.accept(",") {
                return Ok(all);
            }
        }
    }

    /// Reads a relation and what is joined to it.
    pub(super) fn relation(&mut self) -> Parsed<Relation> {
        let first = self.relation_primary()?;
        let all = self.joined(vec![first])?;
        self.product(all)
    }

    /// Reads what is joined to what these give together: these if it is nothing, else one.
    fn joined(&mut self, mut all: Vec<Relation>) -> Parsed<Vec<Relation>> {
        loop {
            let position = self.position();
            let natural = self.accept_word("NATURAL");
            let Some((kind, cross)) = self.join_kind(natural)? else { return Ok(all) };
            self.link(RELATION_LEVELS)?;
            let left = self.product(all)?;
            let right = self.relation_primary()?;
            let on = if natural {
                JoinOn::Natural
            } else if self.accept_word("ON") {
                JoinOn::Condition(self.expr()?)
            } else if self.accept_word("USING") {
                JoinOn::Using(self.in_parentheses(Self::name)?)
            } else {
                JoinOn::Nothing
            };
            if cross && on != JoinOn::Nothing {
                return Err(SyntaxError::new(position, "CROSS JOIN takes no condition"));
            }
            all = vec![joined(Join { left, right, kind, on }, position)];
        }
    }

    /// All rows of one with all rows of the next.
    fn product(&mut self, all: Vec<Relation>) -> Parsed<Relation> {
        let mut all = all.into_iter();
        let mut left = all.next().ok_or_else(|| self.unexpected("a relation"))?;
        for right in all {
            self.link(RELATION_LEVELS)?;
            let position = right.position;
            left = joined(Join { left, right, kind: JoinKind::Inner, on: JoinOn::Nothing }, position);
        }
        Ok(left)
    }

    /// Reads the words of a join, if one begins here; the second value is for CROSS JOIN.
    fn join_kind(&mut self, required: bool) -> Parsed<Option<(JoinKind, bool)>> {
        let words: [(&[&str], JoinKind, bool); 13] = [
            (&["JOIN"], JoinKind::Inner, false),
            (&["INNER", "JOIN"], JoinKind::Inner, false),
            (&["CROSS", "JOIN"], JoinKind::Inner, true),
            (&["LEFT", "OUTER", "JOIN"], JoinKind::Left, false),
            (&["LEFT", "JOIN"], JoinKind::Left, false),
            (&["RIGHT", "OUTER", "JOIN"], JoinKind::Right, false),
            (&["RIGHT", "JOIN"], JoinKind::Right, false),
            (&["FULL", "OUTER", "JOIN"], JoinKind::Full, false),
            (&["FULL", "JOIN"], JoinKind::Full, false),
            (&["LEFT", "SEMI", "JOIN"], JoinKind::Semi, false),
            (&["SEMI", "JOIN"], JoinKind::Semi, false),
            (&["LEFT", "ANTI", "JOIN"], JoinKind::Anti, false),
            (&["ANTI", "JOIN"], JoinKind::Anti, false),
        ];
        for (keywords, kind, cross) in words {
            if self.accept_words(keywords) {
                if self.at_word("LATERAL") {
                    return Err(SyntaxError::new(self.position(), "lateral joins are not supported"));
                }
                return Ok(Some((kind, cross)));
            }
        }
        if required { Err(self.unexpected("a join")) } else { Ok(None) }
    }

    fn relation_primary(&mut self) -> Parsed<Relation> {
        self.nested(Self::relation_here)
    }

    fn relation_here(&mut self) -> Parsed<Relation> {
        let position = self.position();
        if self.at_word("VALUES") {
            return self.values();
        }
        if self.at_word("LATERAL") {
            return Err(SyntaxError::new(position, "LATERAL subqueries are not supported; LATERAL VIEW is"));
        }
        if self.accept("(") {
            let mut relation = if self.begins_query() {
                let query = self.query()?;
                Relation {
                    kind: RelationKind::Query(Box::new(query)),
                    alias: None,
                    columns: Vec::new(),
                    position,
                }
            } else {
                self.relation()?
            };
            self.expect(")")?;
            let (alias, columns) = self.table_alias()?;
            if alias.is_some() && relation.alias.is_some() {
                return Err(SyntaxError::new(position, "a relation cannot have two aliases"));
            }
            if alias.is_some() {
                (relation.alias, relation.columns) = (alias, columns);
            }
            return Ok(relation);
        }
        if !self.at_name() {
            return Err(self.unexpected("a table, a query in parentheses or VALUES"));
        }
        if self.ahead(1).kind.is_symbol("(") {
            let call = self.plain_call()?;
            let (alias, columns) = self.table_alias()?;
            return Ok(Relation { kind: RelationKind::Call(call), alias, columns, position });
        }
        let name = self.qualified_name()?;
        for keyword in ["TABLESAMPLE", "PIVOT", "UNPIVOT"] {
            if self.at_word(keyword) {
                return Err(SyntaxError::new(self.position(), format!("{keyword} is not supported")));
            }
        }
        if self.at_words(&["VERSION", "AS", "OF"]) || self.at_words(&["TIMESTAMP", "AS", "OF"]) {
            return Err(SyntaxError::new(
                self.position(),
                "time travel is not supported in SQL: versions are pinned from outside",
            ));
        }
        let (alias, columns) = self.table_alias()?;
        Ok(Relation { kind: RelationKind::Table(name), alias, columns, position })
    }

    /// Tells whether what follows an opening parenthesis is a query and not a relation.
    pub(super) fn begins_query(&self) -> bool {
        // ((SELECT …) UNION …): what stands behind all the parentheses decides.
        let mut ahead = 0;
        while self.ahead(ahead).kind.is_symbol("(") {
            ahead += 1;
        }
        let first = &self.ahead(ahead).kind;
        let query = ["SELECT", "WITH", "TABLE"].iter().any(|keyword| first.is_word(keyword));
        // `(VALUES (1) AS t(a))` is a relation, `(VALUES (1))` both: it is read as a relation.
        query && self.leading_groups_are_queries(ahead)
    }

    /// `((SELECT 1) t JOIN u)` begins like a query and is a relation: behind a group that is a query there is an alias or a join.
    /// Looks behind each of the groups that the first `opened` parentheses open.
    fn leading_groups_are_queries(&self, opened: usize) -> bool {
        let (mut depth, mut open, mut ahead) = (opened, opened, opened);
        while open > 0 {
            match &self.ahead(ahead).kind {
                TokenKind::Symbol("(") => depth += 1,
                TokenKind::Symbol(")") => depth -= 1,
                TokenKind::End => return true,
                _ => {}
            }
            ahead += 1;
            if depth < open {
                open = depth;
                let next = &self.ahead(ahead).kind;
                let goes_on = next.is_symbol(")")
                    || ["UNION", "EXCEPT", "MINUS", "INTERSECT", "ORDER", "LIMIT", "OFFSET"]
                        .iter()
                        .any(|keyword| next.is_word(keyword));
                if !goes_on {
                    return false;
                }
            }
        }
        true
    }

    pub(super) fn values(&mut self) -> Parsed<Relation> {
        let position = self.position();
        self.expect_word("VALUES")?;
        let rows = self.comma_separated(|parser| {
            let expr = parser.expr()?;
            Ok(match expr.kind {
                crate::parse::ast::ExprKind::Tuple(parts) => parts,
                kind => vec![crate::parse::ast::Expr { kind, position: expr.position }],
            })
        })?;
        let (alias, columns) = self.table_alias()?;
        Ok(Relation { kind: RelationKind::Values(rows), alias, columns, position })
    }

    pub(super) fn qualified_name(&mut self) -> Parsed<Vec<Name>> {
        let mut parts = vec![self.name()?];
        while self.accept(".") {
            parts.push(self.name()?);
        }
        Ok(parts)
    }

    fn table_alias(&mut self) -> Parsed<(Option<Name>, Vec<Name>)> {
        let alias = if self.accept_word("AS") { Some(self.name()?) } else { self.bare_alias() };
        let columns = if alias.is_some() && self.at_symbol("(") {
            self.in_parentheses(Self::name)?
        } else {
            Vec::new()
        };
        Ok((alias, columns))
    }

    pub(super) fn lateral_view(&mut self) -> Parsed<LateralView> {
        let position = self.position();
        self.advance();
        self.advance();
        let outer = self.accept_word("OUTER");
        let call = self.plain_call()?;
        // Spark takes the AS itself for a name where none is given.
        let alias = if self.at_word("AS") { None } else { self.bare_alias() };
        if alias.is_none() && !self.at_word("AS") {
            return Err(self.unexpected("the name of the lateral view"));
        }
        let columns = if self.accept_word("AS") { self.comma_separated(Self::name)? } else { Vec::new() };
        Ok(LateralView { outer, call, alias, columns, position })
    }
}

fn joined(join: Join, position: Position) -> Relation {
    Relation { kind: RelationKind::Join(Box::new(join)), alias: None, columns: Vec::new(), position }
}
