//! The machine's clock: read here and handed on, so that everything else takes time as an input.

use chrono::{DateTime, SubsecRound, Utc};

#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub(crate) fn now() -> DateTime<Utc> {
    // Timestamps of the lake hold microseconds.
    Utc::now().trunc_subsecs(6)
}
