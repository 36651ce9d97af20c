//! Calls of functions: found on the list, their arguments cast as Spark casts them.

use arrow::datatypes::DataType;

use super::{Allowed, Binder, Typed};
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::functions::{self, AggregateOptions, Bind, Function, Params};
use crate::parse::ast::{Arg, Call, Expr as Tree, ExprKind};
use crate::plan::nearest;
use crate::position::Position;
use crate::types;

/// A call whose arguments are bound and have the types that the function takes.
#[derive(Debug)]
pub(crate) struct Site {
    /// The function as it was called, in lower case.
    pub(crate) name: String,
    /// Arguments.
    pub(crate) args: Vec<Typed>,
    /// Where.
    pub(crate) position: Position,
    /// Whether `*` stands for the arguments.
    pub(crate) star: bool,
    /// The pinned time in microseconds, if the session has one.
    pub(crate) as_of: Option<i64>,
}

impl Site {
    /// Returns the name that the column of this call has.
    pub(crate) fn column_name(&self) -> String {
        format!("{}({})", self.name, super::names(&self.args))
    }

    /// Returns the pinned time in microseconds.
    pub(crate) fn now(&self) -> Result<i64> {
        self.as_of.ok_or_else(|| self.wrong("the session has no pinned time"))
    }

    /// An error about the arguments.
    pub(crate) fn wrong(&self, reason: impl Into<String>) -> SqlError {
        SqlError::arguments(&self.name, reason, self.position)
    }

    /// Returns the constant string that an argument must be.
    pub(crate) fn text(&self, index: usize, what: &str) -> Result<&str> {
        let found = self.args.get(index).and_then(Typed::text);
        found.ok_or_else(|| self.wrong(format!("{what} must be a constant string")))
    }

    /// Returns the constant integer that an argument must be.
    pub(crate) fn integer(&self, index: usize, what: &str) -> Result<i64> {
        let constant = self.args.get(index).and_then(super::evaluate);
        constant
            .as_ref()
            .and_then(Typed::integer)
            .ok_or_else(|| self.wrong(format!("{what} must be a constant integer")))
    }
}

impl Binder<'_, '_, '_> {
    pub(super) fn call(&mut self, call: &Call, position: Position) -> Result<Typed> {
        let function = find(&call.name.key(), &call.name.text, position)?;
        match &function.bind {
            Bind::Scalar(params, bind) => {
                self.refuse_clauses(call, position)?;
                let site = self.site(call, params, position)?;
                bind.typed(site)
            }
            Bind::Higher(bind) => {
                self.refuse_clauses(call, position)?;
                bind(self, call, position)
            }
            Bind::Aggregate(params, bind) => self.aggregate(call, params, *bind, position),
            Bind::Window(params, bind) => {
                let Some(spec) = &call.over else {
                    return Err(SqlError::invalid(format!("`{}` needs OVER (…)", call.name.text), position));
                };
                self.require_windows(call, position)?;
                if call.filter.is_some() || call.distinct {
                    return Err(SqlError::unsupported(
                        format!("FILTER or DISTINCT with `{}`", call.name.text),
                        position,
                    ));
                }
                let inner = Allowed { windows: false, ..self.allowed };
                let site = self.with(inner, |binder| binder.site(call, params, position))?;
                let window = self.window(spec, call.ignore_nulls == Some(true), position)?;
                let name = window.named(&site.column_name());
                bind(site, &window).map(|typed| typed.named(name))
            }
            Bind::Generator(_, _) => Err(SqlError::unsupported(
                format!(
                    "`{}` inside of an expression: it stands alone in a SELECT list or in LATERAL VIEW",
                    call.name.text
                ),
                position,
            )),
            Bind::Table(_, _) => {
                Err(SqlError::invalid(format!("`{}` stands only in FROM", call.name.text), position))
            }
        }
    }

    /// Calls a function without any clause.
    pub(super) fn call_plain(
        &mut self,
        function: &Function,
        args: Vec<Typed>,
        position: Position,
    ) -> Result<Typed> {
        match &function.bind {
            Bind::Scalar(_, bind) => bind.typed(Site {
                name: function.name.to_owned(),
                args,
                position,
                star: false,
                as_of: self.planner.as_of(),
            }),
            _ => Err(SqlError::unsupported(format!("`{}` without parentheses", function.name), position)),
        }
    }

    fn aggregate(
        &mut self,
        call: &Call,
        params: &Params,
        bind: functions::AggregateBind,
        position: Position,
    ) -> Result<Typed> {
        let inner = match &call.over {
            // Over a window the arguments may be aggregated already.
            Some(_) => {
                self.require_windows(call, position)?;
                Allowed { windows: false, ..self.allowed }
            }
            None if self.allowed.aggregates => Allowed::default(),
            None => {
                return Err(SqlError::invalid(
                    format!("the aggregate function `{}` cannot stand here", call.name.text),
                    position,
                ));
            }
        };
        let site = self.with(inner, |binder| binder.site(call, params, position))?;
        let filter = match &call.filter {
            Some(tree) => Some(self.with(inner, |binder| binder.condition(tree, "FILTER"))?),
            None => None,
        };
        let ignore_nulls = call.ignore_nulls == Some(true);
        let windowed = call.over.is_some();
        let mut options = AggregateOptions { distinct: call.distinct, filter, ignore_nulls, windowed };
        if options.distinct && site.args.is_empty() {
            return Err(site.wrong("DISTINCT needs an argument"));
        }
        let Some(spec) = &call.over else { return bind(site, options) };
        if call.filter.is_some() || call.distinct {
            return Err(SqlError::unsupported("FILTER or DISTINCT in a window function", position));
        }
        let window = self.window(spec, false, position)?;
        options.ignore_nulls = ignore_nulls;
        if matches!(site.name.as_str(), "median" | "percentile") && (window.ordered || window.framed) {
            return Err(site.wrong("its window takes neither ORDER BY nor a frame"));
        }
        let of_first = matches!(
            site.name.as_str(),
            "first" | "first_value" | "any_value" | "last" | "last_value" | "collect_list" | "array_agg"
        );
        if window.is_arbitrary() || of_first && !window.ordered {
            return Err(
                site.wrong("its value would depend on the order of rows; hint: give its window an ORDER BY")
            );
        }
        let aggregated = bind(site, options)?;
        window.over(aggregated, position)
    }

    fn require_windows(&self, call: &Call, position: Position) -> Result<()> {
        if self.allowed.windows {
            return Ok(());
        }
        Err(SqlError::invalid(
            format!("the window function `{}` cannot stand here", call.name.text),
            position,
        ))
    }

    fn refuse_clauses(&self, call: &Call, position: Position) -> Result<()> {
        if call.over.is_some() || call.filter.is_some() || call.distinct || call.ignore_nulls.is_some() {
            return Err(SqlError::invalid(
                format!("`{}` is no aggregate function", call.name.text),
                position,
            ));
        }
        Ok(())
    }

    /// Binds the arguments of a call and casts them.
    pub(crate) fn site(&mut self, call: &Call, params: &Params, position: Position) -> Result<Site> {
        let args = self.ordered_args(call, params, position)?;
        let args = args.into_iter().map(|tree| self.bind(tree)).collect::<Result<Vec<_>>>()?;
        let name = call.name.key();
        let args = coerce_args(&name, args, params, position)?;
        let star = matches!(call.args.as_slice(), [Arg { value: Tree { kind: ExprKind::Star(_), .. }, .. }]);
        Ok(Site { name, args, position, star, as_of: self.planner.as_of() })
    }

    /// Puts named arguments into their places.
    fn ordered_args<'t>(&self, call: &'t Call, params: &Params, position: Position) -> Result<Vec<&'t Tree>> {
        let name = &call.name.text;
        // count(*) counts rows, which is count(1).
        if let [Arg { value: Tree { kind: ExprKind::Star(qualifier), .. }, .. }] = call.args.as_slice() {
            if call.name.key() == "count" && qualifier.is_empty() && !call.distinct {
                return Ok(Vec::new());
            }
            return Err(SqlError::arguments(name, "`*` is not an argument of it", position));
        }
        if call.args.iter().all(|arg| arg.name.is_none()) {
            return Ok(call.args.iter().map(|arg| &arg.value).collect());
        }
        let mut places: Vec<Option<&Tree>> = vec![None; params.names.len()];
        for (index, arg) in call.args.iter().enumerate() {
            let place = match &arg.name {
                None => index,
                Some(own) => params.names.iter().position(|known| *known == own.key()).ok_or_else(|| {
                    SqlError::arguments(name, format!("it has no parameter `{}`", own.text), own.position)
                })?,
            };
            match places.get_mut(place) {
                Some(slot @ None) => *slot = Some(&arg.value),
                _ => {
                    return Err(SqlError::arguments(
                        name,
                        "an argument is given twice or too many are given",
                        position,
                    ));
                }
            }
        }
        let given = places.iter().take_while(|place| place.is_some()).count();
        if places.iter().skip(given).any(Option::is_some) {
            return Err(SqlError::unsupported(
                format!("leaving out a parameter of `{name}` in the middle"),
                position,
            ));
        }
        Ok(places.into_iter().flatten().collect())
    }
}

fn find(key: &str, written: &str, position: Position) -> Result<&'static Function> {
    functions::find(key).ok_or_else(|| SqlError::UnknownFunction {
        name: written.to_owned(),
        position,
        nearest: nearest(key, functions::all_names()),
    })
}

/// Checks the number of arguments and casts each to what its parameter takes.
pub(crate) fn coerce_args(
    name: &str,
    args: Vec<Typed>,
    params: &Params,
    position: Position,
) -> Result<Vec<Typed>> {
    let least = params.required.len();
    let most = if params.rest.is_some() { usize::MAX } else { least + params.optional.len() };
    if args.len() < least || args.len() > most {
        let expected = match (least, most) {
            (least, usize::MAX) => format!("at least {least}"),
            (least, most) if least == most => least.to_string(),
            (least, most) => format!("{least} to {most}"),
        };
        return Err(SqlError::arguments(
            name,
            format!("it takes {expected} arguments, not {}", args.len()),
            position,
        ));
    }
    args.into_iter()
        .enumerate()
        .map(|(index, arg)| {
            let kind = params.kind(index);
            let wrong = |found: &DataType| {
                let found = types::display(found);
                SqlError::arguments(
                    name,
                    format!("argument {} should be {}, not {found}", index + 1, kind.describe()),
                    position,
                )
            };
            let to = kind.accept(&arg.data_type).ok_or_else(|| wrong(&arg.data_type))?;
            if kind == Kind::Any { Ok(arg) } else { arg.cast_for(&to, name, position) }
        })
        .collect()
}
