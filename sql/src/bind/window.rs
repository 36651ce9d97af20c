//! Windows: partitions, order and frames.

use arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::expr::{
    AggregateFunction, NullTreatment, Sort, WindowFunction, WindowFunctionParams,
};
use datafusion::logical_expr::{
    Expr, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
};

use super::{Allowed, Binder, Typed, evaluate, normalized};
use crate::cast::{self, Mode};
use crate::error::{Result, SqlError};
use crate::functions::aggregate::sliding;
use crate::parse::ast::{Bound, Frame, WindowSpec};
use crate::plan::{refuse_correlated, sort_key};
use crate::position::Position;
use crate::types;

/// A window that is bound.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    partition_by: Vec<Expr>,
    order_by: Vec<Sort>,
    frame: WindowFrame,
    /// Whether there is an ORDER BY.
    pub(crate) ordered: bool,
    /// Whether the frame is written.
    pub(crate) framed: bool,
    /// `IGNORE NULLS`.
    pub(crate) ignore_nulls: bool,
    /// Text behind `OVER` in the name of the column.
    name: String,
}

impl Window {
    /// Calls a function over the window.
    pub(crate) fn call(&self, fun: WindowFunctionDefinition, args: Vec<Expr>) -> Expr {
        let nulls = self.ignore_nulls.then_some(NullTreatment::IgnoreNulls);
        self.call_with(fun, args, None, nulls, false)
    }

    fn call_with(
        &self,
        fun: WindowFunctionDefinition,
        args: Vec<Expr>,
        filter: Option<Box<Expr>>,
        null_treatment: Option<NullTreatment>,
        distinct: bool,
    ) -> Expr {
        let params = WindowFunctionParams {
            args,
            partition_by: self.partition_by.clone(),
            order_by: self.order_by.clone(),
            window_frame: self.frame.clone(),
            filter,
            null_treatment,
            distinct,
        };
        Expr::WindowFunction(Box::new(WindowFunction { fun, params }))
    }

    /// Turns the aggregate functions of an expression into functions over the window.
    pub(crate) fn over(&self, aggregated: Typed, position: Position) -> Result<Typed> {
        let name = format!("{} OVER ({})", aggregated.name, self.name);
        let transformed = aggregated.expr.transform_down(|expr| {
            Ok(match expr {
                Expr::AggregateFunction(AggregateFunction { func, params }) => {
                    let func = if self.first_row_moves() { sliding(func) } else { func };
                    let definition = WindowFunctionDefinition::AggregateUDF(func);
                    // What is aggregated below stays an aggregate function.
                    let nulls = params.null_treatment;
                    let call = self.call_with(definition, params.args, params.filter, nulls, params.distinct);
                    Transformed::new(call, true, TreeNodeRecursion::Jump)
                }
                other => Transformed::no(other),
            })
        });
        let expr = transformed.map_err(SqlError::plan)?.data;
        let has_distinct = expr
            .exists(|inner| Ok(matches!(inner, Expr::WindowFunction(window) if window.params.distinct)))
            .map_err(SqlError::plan)?;
        if has_distinct {
            return Err(SqlError::unsupported("DISTINCT in a window function", position));
        }
        Ok(Typed { expr, name, ..aggregated })
    }

    /// The same rows from the last to the first.
    pub(crate) fn reversed(&self) -> Self {
        let order_by = self.order_by.iter().map(|sort| Sort {
            expr: sort.expr.clone(),
            asc: !sort.asc,
            nulls_first: !sort.nulls_first,
        });
        Self { order_by: order_by.collect(), ..self.clone() }
    }

    /// Tells whether rows leave the frame.
    fn first_row_moves(&self) -> bool {
        !matches!(&self.frame.start_bound, WindowFrameBound::Preceding(by) if by.is_null())
    }

    /// Tells whether a frame without ORDER BY holds whatever rows happen to be next to each other.
    pub(crate) fn is_arbitrary(&self) -> bool {
        let all = |bound: &WindowFrameBound| match bound {
            WindowFrameBound::Preceding(by) | WindowFrameBound::Following(by) => by.is_null(),
            WindowFrameBound::CurrentRow => false,
        };
        let whole = all(&self.frame.start_bound) && all(&self.frame.end_bound);
        !self.ordered && self.frame.units == WindowFrameUnits::Rows && !whole
    }

    /// Names a column of this window.
    pub(crate) fn named(&self, call: &str) -> String {
        format!("{call} OVER ({})", self.name)
    }
}

/// Orders nothing: every row is one of a kind.
pub(crate) fn whole_row() -> Sort {
    Sort::new(Expr::Literal(ScalarValue::Int64(Some(1)), None), true, false)
}

/// Numbers the rows of each partition.
pub(crate) fn row_number(partition_by: Vec<Expr>, order_by: Vec<Sort>) -> Expr {
    let params = WindowFunctionParams {
        args: Vec::new(),
        partition_by,
        order_by,
        window_frame: WindowFrame::new(Some(false)),
        filter: None,
        null_treatment: None,
        distinct: false,
    };
    Expr::WindowFunction(Box::new(WindowFunction {
        fun: WindowFunctionDefinition::WindowUDF(row_number_udwf()),
        params,
    }))
}

impl Binder<'_, '_, '_> {
    pub(super) fn window(
        &mut self,
        spec: &WindowSpec,
        ignore_nulls: bool,
        position: Position,
    ) -> Result<Window> {
        let spec = self.resolved(spec, position)?;
        let inner = Allowed { windows: false, ..self.allowed };
        self.with(inner, |binder| {
            let mut name = Vec::new();
            let mut partition_by = Vec::new();
            for tree in &spec.partition_by {
                let typed = binder.bind(tree)?;
                if !types::is_orderable(&typed.data_type) {
                    return Err(SqlError::unsupported(
                        format!("PARTITION BY a {}", types::display(&typed.data_type)),
                        tree.position,
                    ));
                }
                name.push(typed.name.clone());
                partition_by.push(normalized(typed).expr);
            }
            let mut text =
                if name.is_empty() { String::new() } else { format!("PARTITION BY {}", name.join(", ")) };
            let mut order_by = Vec::new();
            let mut keys = Vec::new();
            for item in &spec.order_by {
                let typed = binder.bind(&item.expr)?;
                let direction = if item.descending { "DESC" } else { "ASC" };
                let nulls = if item.nulls_come_first() { "FIRST" } else { "LAST" };
                text.push_str(&format!(
                    "{}{} {direction} NULLS {nulls}",
                    if order_by.is_empty() {
                        if text.is_empty() { "ORDER BY " } else { " ORDER BY " }
                    } else {
                        ", "
                    },
                    typed.name
                ));
                keys.push(typed.data_type.clone());
                refuse_correlated(item, &typed, &[])?;
                order_by.extend(sort_key(item, typed)?);
            }
            let frame = match &spec.frame {
                Some(frame) => binder.frame(frame, &keys)?,
                None => WindowFrame::new((!order_by.is_empty()).then_some(false)),
            };
            let frame =
                if keys.first().is_some_and(|key| !may_be_ranged(key)) { peers(frame) } else { frame };
            let (ordered, framed) = (!order_by.is_empty(), spec.frame.is_some());
            Ok(Window { partition_by, order_by, frame, ordered, framed, ignore_nulls, name: text })
        })
    }

    fn resolved(&self, spec: &WindowSpec, position: Position) -> Result<WindowSpec> {
        let Some(base) = &spec.base else { return Ok(spec.clone()) };
        let key = base.key();
        let found = self.windows.iter().find(|(name, _)| name.key() == key).map(|(_, spec)| spec);
        let found = found
            .ok_or_else(|| SqlError::invalid(format!("there is no window `{}`", base.text), base.position))?;
        if !spec.partition_by.is_empty() || !spec.order_by.is_empty() || spec.frame.is_some() {
            return Err(SqlError::unsupported("a window that adds to another one", position));
        }
        self.resolved(found, position)
    }

    fn frame(&mut self, frame: &Frame, keys: &[DataType]) -> Result<WindowFrame> {
        let units = if frame.rows { WindowFrameUnits::Rows } else { WindowFrameUnits::Range };
        let has_offset = matches!(frame.start, Bound::Preceding(_) | Bound::Following(_))
            || matches!(frame.end, Bound::Preceding(_) | Bound::Following(_));
        let key = match (frame.rows, keys) {
            (true, _) => DataType::UInt64,
            (false, [key]) => key.clone(),
            (false, _) if has_offset => {
                return Err(SqlError::invalid("RANGE with an offset takes one ORDER BY key", frame.position));
            }
            (false, []) => return Err(SqlError::invalid("RANGE takes an ORDER BY", frame.position)),
            (false, _) => DataType::Null,
        };
        let start = self.bound(&frame.start, &key, true, frame.position)?;
        let end = self.bound(&frame.end, &key, false, frame.position)?;
        if begins_behind_its_end(&start, &end) {
            return Err(SqlError::unsupported("a frame that begins behind its end", frame.position));
        }
        Ok(WindowFrame::new_bounds(units, start, end))
    }

    fn bound(
        &mut self,
        bound: &Bound,
        key: &DataType,
        start: bool,
        position: Position,
    ) -> Result<WindowFrameBound> {
        Ok(match bound {
            // The engine's mark for "without bound" is a null.
            Bound::Unbounded if start => WindowFrameBound::Preceding(unbounded(key)),
            Bound::Unbounded => WindowFrameBound::Following(unbounded(key)),
            Bound::Current => WindowFrameBound::CurrentRow,
            Bound::Preceding(offset) | Bound::Following(offset) => {
                let by = self.offset(offset, key, position)?;
                if is_zero(&by) {
                    WindowFrameBound::CurrentRow
                } else if matches!(bound, Bound::Preceding(_)) {
                    WindowFrameBound::Preceding(by)
                } else {
                    WindowFrameBound::Following(by)
                }
            }
        })
    }

    fn offset(
        &mut self,
        tree: &crate::parse::ast::Expr,
        key: &DataType,
        position: Position,
    ) -> Result<ScalarValue> {
        let typed = self.bind(tree)?;
        let wrong = || SqlError::unsupported("this offset of a window frame", position);
        let constant = evaluate(&typed).ok_or_else(wrong)?;
        if *key == DataType::UInt64 {
            let rows = constant.integer().and_then(|rows| u64::try_from(rows).ok()).ok_or_else(wrong)?;
            return Ok(ScalarValue::UInt64(Some(rows)));
        }
        match (key, constant.literal()) {
            (DataType::Date32, Some(ScalarValue::Int32(Some(days)))) if *days >= 0 => {
                Ok(ScalarValue::new_interval_mdn(0, *days, 0))
            }
            (
                DataType::Date32 | DataType::Timestamp(_, _),
                Some(ScalarValue::IntervalYearMonth(Some(months))),
            ) if *months >= 0 => Ok(ScalarValue::new_interval_mdn(*months, 0, 0)),
            (DataType::Timestamp(_, _), Some(ScalarValue::DurationMicrosecond(Some(micros))))
                if *micros >= 0 =>
            {
                Ok(ScalarValue::new_interval_mdn(0, 0, micros.checked_mul(1000).ok_or_else(wrong)?))
            }
            (key, Some(value)) if types::is_numeric(key) && types::is_integral(&value.data_type()) => {
                if constant.integer().is_none_or(|offset| offset < 0) {
                    return Err(wrong());
                }
                let route = cast::route(&constant.data_type, key, Mode::Legacy).ok_or_else(wrong)?;
                let cast =
                    Typed::new(cast::apply(constant.expr.clone(), route, key, Mode::Legacy), key.clone(), "");
                evaluate(&cast).as_ref().and_then(Typed::literal).cloned().ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }
}

/// Tells whether no row is in a frame, wherever it is.
fn begins_behind_its_end(start: &WindowFrameBound, end: &WindowFrameBound) -> bool {
    use WindowFrameBound::{CurrentRow, Following, Preceding};
    match (start, end) {
        (Preceding(start), Preceding(end)) => !start.is_null() && !end.is_null() && start < end,
        (Following(start), Following(end)) => !start.is_null() && !end.is_null() && start > end,
        (Following(_), Preceding(_) | CurrentRow) | (CurrentRow, Preceding(_)) => true,
        _ => false,
    }
}

fn is_zero(offset: &ScalarValue) -> bool {
    ScalarValue::new_zero(&offset.data_type()).is_ok_and(|zero| *offset == zero)
}

/// Tells whether the engine takes values of this type for the key of a RANGE.
fn may_be_ranged(key: &DataType) -> bool {
    types::is_numeric(key)
        || matches!(
            key,
            DataType::Utf8
                | DataType::Boolean
                | DataType::Null
                | DataType::List(_)
                | DataType::Date32
                | DataType::Timestamp(_, _)
        )
}

/// The same frame where it is a RANGE: without an offset that is from peers to peers, whatever the type of the key.
fn peers(frame: WindowFrame) -> WindowFrame {
    if frame.units != WindowFrameUnits::Range {
        return frame;
    }
    let everything = || ScalarValue::UInt64(None);
    let bound = |bound: WindowFrameBound| match bound {
        WindowFrameBound::Preceding(_) => WindowFrameBound::Preceding(everything()),
        WindowFrameBound::CurrentRow => WindowFrameBound::CurrentRow,
        WindowFrameBound::Following(_) => WindowFrameBound::Following(everything()),
    };
    WindowFrame::new_bounds(WindowFrameUnits::Groups, bound(frame.start_bound), bound(frame.end_bound))
}

fn unbounded(key: &DataType) -> ScalarValue {
    match key {
        DataType::Date32 | DataType::Timestamp(_, _) => {
            ScalarValue::try_from(DataType::Interval(IntervalUnit::MonthDayNano)).unwrap_or(ScalarValue::Null)
        }
        key => ScalarValue::try_from(key).unwrap_or(ScalarValue::Null),
    }
}
