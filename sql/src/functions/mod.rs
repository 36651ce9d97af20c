//! The list of functions: what a statement may call, and what is called for it.
//!
//! A function is on the list only if it gives what Spark gives for every argument, or an error. The families are those of
//! Spark's documentation, one folder or file each; each has its part of the list at its top.

pub(crate) mod aggregate;
pub(crate) mod collection;
pub(crate) mod conditional;
pub(crate) mod conversion;
pub(crate) mod datetime;
pub(crate) mod generator;
pub(crate) mod hash;
pub(crate) mod math;
pub(crate) mod string;
pub(crate) mod window;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{AggregateUDF, Expr, HigherOrderUDF, ScalarUDF, WindowUDF};

use crate::bind::{Binder, Site, Span, Typed, Window};
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::parse::ast::Call;
use crate::plan::Generator;
use crate::position::Position;
use crate::types::{holds_interval, is_atomic};
use crate::udf::{Scalar, udf};

/// Families of functions, as Spark's documentation groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Family {
    /// Aggregate functions.
    Aggregate,
    /// Arrays, maps and structs.
    Collection,
    /// Choices between values.
    Conditional,
    /// Conversions that are called by the name of a type.
    Conversion,
    /// Dates, timestamps and intervals.
    Datetime,
    /// Functions that make several rows of one.
    Generator,
    /// Hashes.
    Hash,
    /// Numbers and bits.
    Math,
    /// Strings.
    String,
    /// Functions over windows.
    Window,
}

/// A function on the list, for documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Its family.
    pub family: Family,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// Returns every function that a statement may call, by family and name.
#[must_use]
pub fn list() -> Vec<FunctionInfo> {
    let mut all: Vec<FunctionInfo> = tables()
        .flat_map(|(family, table)| {
            table.iter().map(move |function| FunctionInfo {
                name: function.name,
                aliases: function.aliases,
                family,
                doc: function.doc,
            })
        })
        .collect();
    all.sort_by(|left, right| (left.family, left.name).cmp(&(right.family, right.name)));
    all
}

/// A function on the list.
pub(crate) struct Function {
    /// Its name in lower case.
    pub(crate) name: &'static str,
    /// Other names for it.
    pub(crate) aliases: &'static [&'static str],
    /// What is called for it.
    pub(crate) bind: Bind,
    /// What it does, in one line.
    pub(crate) doc: &'static str,
}

impl Function {
    /// A function of ours that takes its arguments as they are.
    pub(crate) const fn kernel(
        name: &'static str,
        params: Params,
        kernel: &'static Scalar,
        doc: &'static str,
    ) -> Self {
        Self { name, aliases: &[], bind: Bind::Scalar(params, ScalarBind::Kernel(kernel)), doc }
    }

    /// A scalar function that is put together from its arguments.
    pub(crate) const fn build(
        name: &'static str,
        params: Params,
        build: fn(Site) -> Result<Typed>,
        doc: &'static str,
    ) -> Self {
        Self { name, aliases: &[], bind: Bind::Scalar(params, ScalarBind::Build(build)), doc }
    }

    /// A function of any other kind.
    pub(crate) const fn new(name: &'static str, bind: Bind, doc: &'static str) -> Self {
        Self { name, aliases: &[], bind, doc }
    }

    /// The same with other names.
    pub(crate) const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

/// What a function does with aggregate clauses.
#[derive(Debug, Clone, Default)]
pub(crate) struct AggregateOptions {
    /// `DISTINCT`.
    pub(crate) distinct: bool,
    /// `FILTER (WHERE …)`.
    pub(crate) filter: Option<Expr>,
    /// `IGNORE NULLS`.
    pub(crate) ignore_nulls: bool,
    /// Whether it is computed over a window.
    pub(crate) windowed: bool,
}

/// Makes the expression of an aggregate function.
pub(crate) type AggregateBind = fn(Site, AggregateOptions) -> Result<Typed>;
/// Makes the expression of a function that takes lambdas.
pub(crate) type HigherBind = fn(&mut Binder<'_, '_, '_>, &Call, Position) -> Result<Typed>;

/// How a call becomes an expression.
pub(crate) enum Bind {
    /// One value of a row.
    Scalar(Params, ScalarBind),
    /// One value of a row, with lambdas.
    Higher(HigherBind),
    /// One value of many rows.
    Aggregate(Params, AggregateBind),
    /// One value of a row among others.
    Window(Params, fn(Site, &Window) -> Result<Typed>),
    /// Several rows of one.
    Generator(Params, fn(Site) -> Result<Generator>),
    /// Rows out of nothing.
    Table(Params, fn(Site) -> Result<Generator>),
}

/// How a call of a scalar function becomes an expression.
#[derive(Clone, Copy)]
pub(crate) enum ScalarBind {
    /// By calling a function of ours.
    Kernel(&'static Scalar),
    /// By code.
    Build(fn(Site) -> Result<Typed>),
}

impl ScalarBind {
    pub(crate) fn typed(self, site: Site) -> Result<Typed> {
        let part = site.args.iter().any(|arg| arg.span != Span::Full);
        let (name, position) = (site.name.clone(), site.position);
        let typed = self.made(site)?;
        // Spark has a type for every range of units, and ours of arrays and structs has not.
        if part && !is_atomic(&typed.data_type) && holds_interval(&typed.data_type) {
            return Err(SqlError::arguments(
                &name,
                "intervals of such units in it are not supported",
                position,
            ));
        }
        Ok(typed)
    }

    fn made(self, site: Site) -> Result<Typed> {
        match self {
            Self::Kernel(kernel) => {
                let name = site.column_name();
                Typed::call(kernel, site.args, name, site.position)
            }
            Self::Build(build) => {
                let name = site.column_name();
                build(site).map(|typed| if typed.name.is_empty() { typed.named(name) } else { typed })
            }
        }
    }
}

/// Parameters of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Params {
    /// Those that must be given.
    pub(crate) required: &'static [Kind],
    /// Those that may be given.
    pub(crate) optional: &'static [Kind],
    /// What any number of further ones is.
    pub(crate) rest: Option<Kind>,
    /// Names, where they may be given by name.
    pub(crate) names: &'static [&'static str],
}

impl Params {
    /// Parameters that must be given.
    pub(crate) const fn of(required: &'static [Kind]) -> Self {
        Self { required, optional: &[], rest: None, names: &[] }
    }

    /// With parameters that may be given.
    pub(crate) const fn opt(mut self, optional: &'static [Kind]) -> Self {
        self.optional = optional;
        self
    }

    /// With any number of further ones.
    pub(crate) const fn rest(mut self, kind: Kind) -> Self {
        self.rest = Some(kind);
        self
    }

    /// With names.
    pub(crate) const fn named(mut self, names: &'static [&'static str]) -> Self {
        self.names = names;
        self
    }

    /// Returns what an argument may be.
    pub(crate) fn kind(&self, index: usize) -> Kind {
        let given =
            self.required.get(index).or_else(|| self.optional.get(index.checked_sub(self.required.len())?));
        given.copied().or(self.rest).unwrap_or(Kind::Any)
    }
}

fn tables() -> impl Iterator<Item = (Family, &'static [Function])> {
    [
        (Family::Aggregate, aggregate::TABLES),
        (Family::Collection, collection::TABLES),
        (Family::Conditional, conditional::TABLES),
        (Family::Conversion, conversion::TABLES),
        (Family::Datetime, datetime::TABLES),
        (Family::Generator, generator::TABLES),
        (Family::Hash, hash::TABLES),
        (Family::Math, math::TABLES),
        (Family::String, string::TABLES),
        (Family::Window, window::TABLES),
    ]
    .into_iter()
    .flat_map(|(family, tables): (Family, &'static [&'static [Function]])| {
        tables.iter().map(move |table| (family, *table))
    })
}

static BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> = LazyLock::new(|| {
    tables()
        .flat_map(|(_, table)| table)
        .flat_map(|function| {
            std::iter::once(function.name)
                .chain(function.aliases.iter().copied())
                .map(move |name| (name, function))
        })
        .collect()
});

/// Finds a function by its name in lower case.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    BY_NAME.get(name).copied()
}

/// Returns the names of all functions.
pub(crate) fn all_names() -> impl Iterator<Item = &'static str> {
    BY_NAME.keys().copied()
}

/// Finds a function that may be called without parentheses.
pub(crate) fn without_parentheses(name: &str) -> Option<&'static Function> {
    matches!(name, "current_date" | "current_timestamp").then(|| find(name)).flatten()
}

/// Scalar functions that plans name.
pub(crate) fn scalar_udfs() -> Vec<Arc<ScalarUDF>> {
    let own = [
        aggregate::KERNELS,
        collection::KERNELS,
        conditional::KERNELS,
        conversion::KERNELS,
        datetime::KERNELS,
        hash::KERNELS,
        math::KERNELS,
        string::KERNELS,
    ];
    own.iter().flat_map(|kernels| kernels.iter()).map(|kernel| udf(kernel)).chain(engine_scalars()).collect()
}

fn engine_scalars() -> Vec<Arc<ScalarUDF>> {
    use datafusion::functions::core;
    let mut all = vec![core::get_field(), core::named_struct()];
    // What the reader of deleted records asks of a flag that is text.
    all.extend([datafusion::functions::string::lower(), datafusion::functions::string::btrim()]);
    all.extend(conditional::engine_scalars());
    all.extend(hash::digest::engine_scalars());
    all
}

/// `value`, a text, as a timestamp by a pattern; null where it does not follow it.
#[must_use]
pub fn parse_timestamp(value: Expr, pattern: &str) -> Expr {
    udf(&datetime::text::PARSE).call(vec![value, datafusion::logical_expr::lit(pattern)])
}

/// Functions with lambdas that plans name.
pub(crate) fn higher_order_udfs() -> Vec<Arc<HigherOrderUDF>> {
    collection::higher_order_udfs()
}

/// Aggregate functions that plans name; the optimizer's own among them.
pub(crate) fn aggregate_udfs() -> Vec<Arc<AggregateUDF>> {
    aggregate::udfs()
}

/// Window functions that plans name.
pub(crate) fn window_udfs() -> Vec<Arc<WindowUDF>> {
    window::udfs()
}
