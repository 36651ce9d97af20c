//! What became of the statements of a run, and of all runs together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::statement::Construct;

/// Counts of statements.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Sums {
    /// Which generator made the statements.
    #[serde(default)]
    pub generator: u32,
    /// Equal answers.
    pub equal: u64,
    /// Refused by name.
    pub refused: u64,
    /// Answered by us alone: the other way refuses them.
    pub unsaid: u64,
    /// Other rows.
    pub different: u64,
    /// Ended otherwise than by an answer or a refusal.
    pub failed: u64,
    /// Answered statements by construct.
    pub constructs: BTreeMap<String, u64>,
    /// Refused statements by construct.
    pub refused_constructs: BTreeMap<String, u64>,
    /// Refused statements by reason.
    pub reasons: BTreeMap<String, u64>,
    /// The first seed with a reason.
    #[serde(default)]
    pub seeds: BTreeMap<String, u64>,
    /// What differs or fails, shrunk.
    pub faults: Vec<Fault>,
}

/// A statement that shows a fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    /// What it was made from.
    pub seed: u64,
    /// Whether it failed; else its rows differ.
    pub failed: bool,
    /// The smallest statement that shows it.
    pub statement: String,
    /// What we answer.
    pub own: String,
    /// What the other way answers.
    pub other: String,
}

impl Sums {
    /// All statements.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.equal + self.refused + self.unsaid + self.different + self.failed
    }

    pub(crate) fn answered(&mut self, constructs: &BTreeSet<Construct>) {
        self.equal += 1;
        for construct in constructs {
            *self.constructs.entry((*construct).to_owned()).or_default() += 1;
        }
    }

    pub(crate) fn unsaid(&mut self, seed: u64, other: &Answer) {
        self.unsaid += 1;
        let Answer::Failed(reason) = other else { return };
        let reason: String = reason.chars().take(60).collect();
        self.reason(seed, format!("the other way: {reason}"));
    }

    pub(crate) fn refused(&mut self, seed: u64, constructs: &BTreeSet<Construct>, own: &Answer) {
        self.refused += 1;
        for construct in constructs {
            *self.refused_constructs.entry((*construct).to_owned()).or_default() += 1;
        }
        let Answer::Refused(reason) = own else { return };
        // Without its place.
        let reason = reason.split(" (line").next().unwrap_or_default().to_owned();
        self.reason(seed, reason);
    }

    fn reason(&mut self, seed: u64, reason: String) {
        self.seeds.entry(reason.clone()).or_insert(seed);
        *self.reasons.entry(reason).or_default() += 1;
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        if fault.failed {
            self.failed += 1;
        } else {
            self.different += 1;
        }
        self.faults.push(fault);
    }

    /// Adds those of another run.
    pub fn add(&mut self, other: Self) {
        self.equal += other.equal;
        self.refused += other.refused;
        self.unsaid += other.unsaid;
        self.different += other.different;
        self.failed += other.failed;
        for (own, others) in [
            (&mut self.constructs, other.constructs),
            (&mut self.refused_constructs, other.refused_constructs),
            (&mut self.reasons, other.reasons),
        ] {
            for (name, count) in others {
                *own.entry(name).or_default() += count;
            }
        }
        for (reason, seed) in other.seeds {
            self.seeds.entry(reason).or_insert(seed);
        }
        self.faults.extend(other.faults);
    }

    /// On a screen: counts first, then what was found.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!(
            "{} statements: {} equal, {} refused, {} not answered by the other way, {} different, {} failed\n",
            self.statements(),
            self.equal,
            self.refused,
            self.unsaid,
            self.different,
            self.failed
        );
        for (reason, count) in &self.reasons {
            let seed =
                self.seeds.get(reason).map_or_else(String::new, |seed| format!(" (first: seed {seed})"));
            out.push_str(&format!("  {count:>6} x {reason}{seed}\n"));
        }
        if !self.refused_constructs.is_empty() {
            let refused = self.refused_constructs.iter().map(|(construct, refused)| {
                let all = refused + self.constructs.get(construct).copied().unwrap_or_default();
                format!("{construct} {refused}/{all}")
            });
            out.push_str(&format!("  refused by construct: {}\n", refused.collect::<Vec<_>>().join(", ")));
        }
        for fault in &self.faults {
            out.push_str(&format!(
                "seed {}: {}\n  own:   {}\n  other: {}\n",
                fault.seed, fault.statement, fault.own, fault.other
            ));
        }
        out
    }
}
