//! Runs a range of seeds.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Result;
use goldsmith_sql::optimize::RuleSet;
use tempfile::TempDir;

use crate::answer::Answer;
use crate::oracle::{Cluster, DuckDb, Embedded, Way};
use crate::statement::generate::statement;
use crate::statement::{Dialect, Query, constructs, smaller, text};
use crate::sums::{Fault, Sums};
use crate::table::{Table, tables, write};

/// Statements over the same tables.
pub const STATEMENTS_OF_A_LAKE: u64 = 50;
/// How many smaller statements are tried for one that shows a fault.
const TRIES: usize = 400;

/// What the answers are compared with.
#[derive(Debug, Clone)]
pub enum Against {
    /// Other rules.
    Rules(RuleSet),
    /// A cluster.
    Cluster,
    /// DuckDB in this Python.
    DuckDb(PathBuf),
}

/// A way to answer that is ready.
enum Other {
    Rules(RuleSet),
    Cluster { cluster: Box<Cluster>, _dir: TempDir },
    DuckDb(Box<DuckDb>),
}

impl Other {
    async fn start(against: &Against, rules: &RuleSet) -> Result<Self> {
        Ok(match against {
            Against::Rules(rules) => Self::Rules(rules.clone()),
            Against::Cluster => {
                let dir = TempDir::new()?;
                Self::Cluster {
                    cluster: Box::new(Cluster::start(dir.path(), rules.clone()).await?),
                    _dir: dir,
                }
            }
            Against::DuckDb(python) => Self::DuckDb(Box::new(DuckDb::start(python)?)),
        })
    }

    fn read(&mut self, lake: &Path, tables: &[Table]) -> Result<()> {
        match self {
            Self::Rules(_) => Ok(()),
            Self::Cluster { cluster, .. } => cluster.read(lake),
            Self::DuckDb(duckdb) => duckdb.load(tables),
        }
    }

    async fn answer(&mut self, embedded: &Embedded, query: &Query) -> Result<Answer> {
        match self {
            Self::Rules(rules) => Ok(embedded.answer(query, rules.clone(), Way::PLAIN).await),
            Self::Cluster { cluster, .. } => Ok(cluster.answer(query).await),
            Self::DuckDb(duckdb) => duckdb.answer(query),
        }
    }
}

/// How two answers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Equal,
    Refused,
    /// The other one does not say.
    Unsaid,
    Different,
    Failed,
}

fn verdict(own: &Answer, other: &Answer, with_duckdb: bool) -> Verdict {
    match (own, other) {
        (Answer::Failed(_), _) => Verdict::Failed,
        (Answer::Refused(_), _) => Verdict::Refused,
        (Answer::Rows(_), Answer::Failed(_)) if with_duckdb => Verdict::Unsaid,
        (Answer::Rows(one), Answer::Rows(two)) if one == two => Verdict::Equal,
        (Answer::Rows(_), _) => Verdict::Different,
    }
}

/// Answers the statements of `seeds` with `rules` and in another way; `stop` after the first fault or go on.
///
/// # Errors
/// If the other way cannot be had.
pub async fn run(seeds: Range<u64>, rules: &RuleSet, against: &Against, stop: bool) -> Result<Sums> {
    let mut other = Other::start(against, rules).await?;
    let with_duckdb = matches!(against, Against::DuckDb(_));
    let mut sums = Sums::default();
    let mut open: Option<(u64, Vec<Table>, Embedded, TempDir)> = None;
    for seed in seeds {
        let lake = seed / STATEMENTS_OF_A_LAKE;
        if open.as_ref().is_none_or(|(number, ..)| *number != lake) {
            let (tables, dir) = (tables(lake), TempDir::new()?);
            tables.iter().for_each(|table| write(dir.path(), table));
            let names: Vec<&str> = tables.iter().map(|table| table.columns.name.as_str()).collect();
            let embedded = Embedded::open(dir.path(), &names).await?;
            other.read(dir.path(), &tables)?;
            open = Some((lake, tables, embedded, dir));
        }
        let Some((_, tables, embedded, _)) = &open else { continue };
        let columns: Vec<_> = tables.iter().map(|table| table.columns.clone()).collect();
        let query = statement(seed, &columns);
        let way = Way { partitions: 1 + usize::try_from(seed % 4)?, filters_files: seed / 4 % 2 == 1 };
        let own = embedded.answer(&query, rules.clone(), way).await;
        let theirs = match &own {
            Answer::Rows(_) => other.answer(embedded, &query).await?,
            Answer::Refused(_) | Answer::Failed(_) => own.clone(),
        };
        let found = verdict(&own, &theirs, with_duckdb);
        let what = constructs(&query);
        match found {
            Verdict::Equal => sums.answered(&what),
            Verdict::Unsaid => sums.unsaid(seed, &theirs),
            Verdict::Refused => sums.refused(seed, &what, &own),
            Verdict::Different | Verdict::Failed => {
                let mut query = query;
                let mut tries = 0;
                let failed = matches!(theirs, Answer::Failed(_));
                'shrinking: while tries < TRIES {
                    for less in smaller(&query) {
                        tries += 1;
                        let own = embedded.answer(&less, rules.clone(), way).await;
                        let theirs = match &own {
                            Answer::Rows(_) => other.answer(embedded, &less).await?,
                            _ => own.clone(),
                        };
                        // Other rows are another fault than none.
                        let fails = matches!(theirs, Answer::Failed(_));
                        if verdict(&own, &theirs, with_duckdb) == found && fails == failed {
                            query = less;
                            continue 'shrinking;
                        }
                        if tries >= TRIES {
                            break;
                        }
                    }
                    break;
                }
                let own = embedded.answer(&query, rules.clone(), way).await;
                let theirs = match &own {
                    Answer::Rows(_) => other.answer(embedded, &query).await?,
                    _ => own.clone(),
                };
                sums.fault(Fault {
                    seed,
                    failed: found == Verdict::Failed,
                    statement: text(&query, Dialect::Spark),
                    own: format!("{own:?}"),
                    other: format!("{theirs:?}"),
                });
                if stop {
                    return Ok(sums);
                }
            }
        }
    }
    Ok(sums)
}
