//! The page as a whole.

use maud::{DOCTYPE, Markup, html};

use super::parts;
use crate::coordinator::Overview;

/// How often a browser without scripts asks again, in seconds.
const RELOAD: &str = "10";

pub(super) fn whole(overview: &Overview) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "goldsmith" }
                link rel="stylesheet" href="style.css";
                link rel="icon" href="data:,";
                noscript { meta http-equiv="refresh" content=(RELOAD); }
                script src="page.js" defer {}
            }
            body {
                header {
                    h1 { "goldsmith" }
                    p #connection role="status" {}
                }
                main #now { (content(overview)) }
                footer {
                    a href="api/overview" { "this page as JSON" }
                    a href="metrics" { "metrics" }
                    span { "version " (env!("CARGO_PKG_VERSION")) }
                }
            }
        }
    }
}

/// What changes.
pub(super) fn content(overview: &Overview) -> Markup {
    html! {
        (parts::headline(overview))
        @if !overview.lake.is_known { p.aside { "The tables are being read." } }
        @for error in &overview.lake.errors { p.error role="alert" { (error) } }
        @for run in &overview.running { (parts::running(run, overview.now)) }
        @for other in &overview.elsewhere { (parts::elsewhere(other, overview.now)) }
        (parts::gold(overview))
        (parts::history(overview))
        (parts::bronze(overview))
        (parts::executors(overview))
    }
}
