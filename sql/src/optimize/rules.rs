//! Choosing rules.

use std::collections::BTreeMap;

use super::{LogicalRule, PhysicalRule, logical, physical};

/// Why a rule runs, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Plans do not run, or not in stages, without it.
    Needed,
    /// Plans are cheaper with it.
    Useful,
    /// It is wrong in places, or nothing that we measured is cheaper with it.
    Off,
}

/// What a rule rewrites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What is computed.
    Logical,
    /// How it is computed.
    Physical,
}

/// A rule of the engine, or of ours.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Name that the rule has in the engine; rules of one name share it.
    pub name: &'static str,
    /// What it rewrites.
    pub stage: Stage,
    /// Whether it runs.
    pub standing: Standing,
    /// Whether it comes with this crate and not with the engine.
    pub own: bool,
    /// What it does, or what is wrong with it.
    pub why: &'static str,
}

/// A line of a list: a rule and how it is made.
pub(super) struct Entry<R> {
    pub(super) name: &'static str,
    pub(super) standing: Standing,
    pub(super) own: bool,
    pub(super) why: &'static str,
    pub(super) make: fn() -> R,
}

impl<R> Entry<R> {
    pub(super) const fn needed(name: &'static str, why: &'static str, make: fn() -> R) -> Self {
        Self { name, standing: Standing::Needed, own: false, why, make }
    }

    pub(super) const fn useful(name: &'static str, why: &'static str, make: fn() -> R) -> Self {
        Self { name, standing: Standing::Useful, own: false, why, make }
    }

    pub(super) const fn off(name: &'static str, why: &'static str, make: fn() -> R) -> Self {
        Self { name, standing: Standing::Off, own: false, why, make }
    }

    /// A rule of this crate.
    pub(super) const fn own(
        name: &'static str,
        standing: Standing,
        why: &'static str,
        make: fn() -> R,
    ) -> Self {
        Self { name, standing, own: true, why, make }
    }

    const fn rule(&self, stage: Stage) -> Rule {
        Rule { name: self.name, stage, standing: self.standing, own: self.own, why: self.why }
    }
}

/// All rules, in the order in which they run or would run.
#[must_use]
pub fn list() -> Vec<Rule> {
    let logical = logical::LIST.iter().map(|entry: &Entry<LogicalRule>| entry.rule(Stage::Logical));
    let physical = physical::LIST.iter().map(|entry: &Entry<PhysicalRule>| entry.rule(Stage::Physical));
    std::iter::once(logical::DECORRELATION).chain(logical).chain(physical).collect()
}

/// The rules of a session: those that stand as running, unless a test wants others.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    only_needed: bool,
    changed: BTreeMap<String, bool>,
}

impl RuleSet {
    /// Those without which plans do not run: what others make cheaper has to give the same rows with these alone.
    #[must_use]
    pub fn needed() -> Self {
        Self { only_needed: true, changed: BTreeMap::new() }
    }

    /// With the rules of this name running, or not.
    ///
    /// # Panics
    /// In a debug build if there is no such rule: nothing would be switched.
    #[must_use]
    pub fn with(mut self, name: &str, runs: bool) -> Self {
        debug_assert!(list().iter().any(|rule| rule.name == name), "there is no rule `{name}`");
        self.changed.insert(name.to_owned(), runs);
        self
    }

    /// Whether subqueries are made joins before the engine sees them.
    pub(crate) fn decorrelates(&self) -> bool {
        self.runs(logical::DECORRELATION.name, logical::DECORRELATION.standing)
    }

    /// Whether the rules of this name run.
    #[must_use]
    pub fn runs(&self, name: &str, standing: Standing) -> bool {
        let stands = match standing {
            Standing::Needed => true,
            Standing::Useful => !self.only_needed,
            Standing::Off => false,
        };
        self.changed.get(name).copied().unwrap_or(stands)
    }

    pub(super) fn chosen<R>(&self, entries: &[Entry<R>]) -> Vec<R> {
        let chosen = entries.iter().filter(|entry| self.runs(entry.name, entry.standing));
        chosen.map(|entry| (entry.make)()).collect()
    }
}
