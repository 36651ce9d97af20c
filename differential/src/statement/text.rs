//! Statements as text.

use super::{Body, Expr, From, Query, Select, Type, Window};

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Spark's, which is ours.
    Spark,
    /// DuckDB's.
    DuckDb,
}

/// Writes a statement.
#[must_use]
pub fn text(query: &Query, dialect: Dialect) -> String {
    let writer = Writer(dialect);
    writer.query(query)
}

struct Writer(Dialect);

impl Writer {
    fn query(&self, query: &Query) -> String {
        let mut out = String::new();
        for (index, (name, inner)) in query.named.iter().enumerate() {
            out.push_str(if index == 0 { "WITH " } else { ", " });
            out.push_str(&format!("{name} AS ({})", self.query(inner)));
        }
        if !query.named.is_empty() {
            out.push(' ');
        }
        out.push_str(&self.body(&query.body));
        if !query.order.is_empty() {
            let keys = query.order.iter().enumerate().map(|(index, (descends, nulls_first))| {
                let way = if *descends { " DESC" } else { "" };
                let nulls = if *nulls_first { "FIRST" } else { "LAST" };
                format!("{}{way} NULLS {nulls}", index + 1)
            });
            out.push_str(&format!(" ORDER BY {}", keys.collect::<Vec<_>>().join(", ")));
        }
        if let Some(limit) = query.limit {
            out.push_str(&format!(" LIMIT {limit}"));
        }
        out
    }

    fn body(&self, body: &Body) -> String {
        match body {
            Body::Select(select) => self.select(select),
            Body::Set(op, left, right) => format!("({}) {op} ({})", self.body(left), self.body(right)),
        }
    }

    fn select(&self, select: &Select) -> String {
        let items = select.items.iter().map(|(expr, name)| format!("{} AS {name}", self.expr(expr)));
        let distinct = if select.distinct { "DISTINCT " } else { "" };
        let mut out = format!("SELECT {distinct}{}", items.collect::<Vec<_>>().join(", "));
        if !select.from.is_empty() {
            let from: Vec<String> =
                select.from.iter().enumerate().map(|(index, from)| self.from(from, index > 0)).collect();
            out.push_str(&format!(" FROM {}", from.join(", ")));
        }
        if let Some(filter) = &select.filter {
            out.push_str(&format!(" WHERE {}", self.expr(filter)));
        }
        if !select.groups.is_empty() {
            out.push_str(&format!(" GROUP BY {}", self.all(&select.groups)));
        }
        if let Some(having) = &select.having {
            out.push_str(&format!(" HAVING {}", self.expr(having)));
        }
        out
    }

    fn from(&self, from: &From, nested: bool) -> String {
        match from {
            From::Table(name, alias) => format!("{name} AS {alias}"),
            From::Query(query, alias) => format!("({}) AS {alias}", self.query(query)),
            From::Values(rows, names, alias) => {
                let rows: Vec<String> = rows.iter().map(|row| format!("({})", self.all(row))).collect();
                format!("(VALUES {}) AS {alias}({})", rows.join(", "), names.join(", "))
            }
            From::Join(kind, left, right, on) => {
                let kind = match (self.0, *kind) {
                    (Dialect::DuckDb, "LEFT SEMI") => "SEMI",
                    (Dialect::DuckDb, "LEFT ANTI") => "ANTI",
                    (_, kind) => kind,
                };
                let on = on.as_ref().map_or_else(String::new, |on| format!(" ON {}", self.expr(on)));
                let text = format!("{} {kind} JOIN {}{on}", self.from(left, false), self.from(right, true));
                if nested { format!("({text})") } else { text }
            }
        }
    }

    fn all(&self, exprs: &[Expr]) -> String {
        exprs.iter().map(|expr| self.expr(expr)).collect::<Vec<_>>().join(", ")
    }

    fn expr(&self, expr: &Expr) -> String {
        let not = |negated: bool| if negated { "NOT " } else { "" };
        match expr {
            Expr::Column(relation, name) if relation.is_empty() => name.clone(),
            Expr::Column(relation, name) => format!("{relation}.{name}"),
            Expr::Field(inner, name) if matches!(**inner, Expr::Case(..)) => {
                format!("({}).{name}", self.expr(inner))
            }
            Expr::Field(inner, name) => format!("{}.{name}", self.expr(inner)),
            Expr::Literal(text) => text.clone(),
            Expr::Null(data_type) => format!("CAST(NULL AS {})", self.data_type(*data_type)),
            Expr::Binary("<=>", left, right) if self.0 == Dialect::DuckDb => {
                format!("({} IS NOT DISTINCT FROM {})", self.expr(left), self.expr(right))
            }
            Expr::Binary(op, left, right) => format!("({} {op} {})", self.expr(left), self.expr(right)),
            Expr::Before(op, inner) => format!("({op} {})", self.expr(inner)),
            Expr::Behind(inner, op) => format!("({} {op})", self.expr(inner)),
            Expr::Between(inner, low, high) => {
                format!("({} BETWEEN {} AND {})", self.expr(inner), self.expr(low), self.expr(high))
            }
            Expr::In(inner, list, negated) => {
                format!("({} {}IN ({}))", self.expr(inner), not(*negated), self.all(list))
            }
            Expr::InQuery(inner, query, negated) => {
                format!("({} {}IN ({}))", self.expr(inner), not(*negated), self.query(query))
            }
            Expr::Exists(query, negated) => format!("({}EXISTS ({}))", not(*negated), self.query(query)),
            Expr::Scalar(query) => format!("({})", self.query(query)),
            Expr::Case(branches, otherwise) => {
                let branches = branches
                    .iter()
                    .map(|(when, then)| format!(" WHEN {} THEN {}", self.expr(when), self.expr(then)));
                let otherwise =
                    otherwise.as_ref().map_or_else(String::new, |expr| format!(" ELSE {}", self.expr(expr)));
                format!("CASE{}{otherwise} END", branches.collect::<String>())
            }
            Expr::Call(name, args) => self.call(name, args),
            Expr::Lambda(name, array, variable, body) => {
                let (array, body) = (self.expr(array), self.expr(body));
                match (self.0, *name) {
                    (Dialect::Spark, _) => format!("{name}({array}, {variable} -> {body})"),
                    (Dialect::DuckDb, "exists") => {
                        format!("(len(list_filter({array}, lambda {variable}: {body})) > 0)")
                    }
                    (Dialect::DuckDb, _) => format!("list_{name}({array}, lambda {variable}: {body})"),
                }
            }
            Expr::Aggregate(name, distinct, arg, filter) => {
                let arg = arg.as_ref().map_or_else(|| "*".to_owned(), |arg| self.expr(arg));
                let distinct = if *distinct { "DISTINCT " } else { "" };
                let filter = filter
                    .as_ref()
                    .map_or_else(String::new, |filter| format!(" FILTER (WHERE {})", self.expr(filter)));
                format!("{name}({distinct}{arg}){filter}")
            }
            Expr::Window(window) => self.window(window),
            Expr::Cast(inner, to) => format!("CAST({} AS {})", self.expr(inner), self.data_type(*to)),
        }
    }

    fn call(&self, name: &str, args: &[Expr]) -> String {
        match (self.0, name, args) {
            (Dialect::DuckDb, "array", _) => format!("[{}]", self.all(args)),
            (Dialect::DuckDb, "element_at", [array, index]) => {
                format!("{}[{}]", self.expr(array), self.expr(index))
            }
            (Dialect::DuckDb, "size", _) => format!("len({})", self.all(args)),
            (Dialect::DuckDb, "explode", _) => format!("unnest({})", self.all(args)),
            _ => format!("{name}({})", self.all(args)),
        }
    }

    fn window(&self, Window { name, args, ignores_nulls, partition, order, frame }: &Window) -> String {
        let args = if args.is_empty() && *name == "count" { "*".to_owned() } else { self.all(args) };
        let (inside, behind) = match (ignores_nulls, self.0) {
            (false, _) => ("", ""),
            (true, Dialect::Spark) => ("", " IGNORE NULLS"),
            (true, Dialect::DuckDb) => (" IGNORE NULLS", ""),
        };
        let mut over = Vec::new();
        if !partition.is_empty() {
            over.push(format!("PARTITION BY {}", self.all(partition)));
        }
        if !order.is_empty() {
            let keys = order.iter().map(|(key, descends)| {
                let way = if *descends { "DESC NULLS LAST" } else { "ASC NULLS FIRST" };
                format!("{} {way}", self.expr(key))
            });
            over.push(format!("ORDER BY {}", keys.collect::<Vec<_>>().join(", ")));
        }
        over.extend(frame.map(|rows| format!("ROWS BETWEEN {rows}")));
        format!("{name}({args}{inside}){behind} OVER ({})", over.join(" "))
    }

    fn data_type(&self, data_type: Type) -> &'static str {
        match (data_type, self.0) {
            (Type::Int, _) => "INT",
            (Type::Long, _) => "BIGINT",
            (Type::Text, Dialect::Spark) => "STRING",
            (Type::Text, Dialect::DuckDb) => "VARCHAR",
            (Type::Decimal, _) => "DECIMAL(10,2)",
            (Type::Double, _) => "DOUBLE",
            (Type::Bool, _) => "BOOLEAN",
            (Type::Date, _) => "DATE",
            (Type::Struct, Dialect::Spark) => "STRUCT<a: INT, s: STRING>",
            (Type::Struct, Dialect::DuckDb) => "STRUCT(a INT, s VARCHAR)",
        }
    }
}
