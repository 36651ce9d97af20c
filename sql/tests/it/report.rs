//! What became of many statements.

use futures::StreamExt;

use crate::statement::{Outcome, Statement, outcome};

/// How many statements run at the same time.
const AT_ONCE: usize = 4;

/// Outcomes, with a line or more of text for each that a person looks at.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) equal: Vec<String>,
    pub(crate) equal_names: usize,
    pub(crate) different: Vec<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) too_much: Vec<String>,
    pub(crate) refused: usize,
}

impl Report {
    /// Runs statements.
    pub(crate) async fn of(statements: Vec<Statement>) -> Self {
        let mut outcomes = futures::stream::iter(statements)
            .map(|statement| {
                tokio::spawn(async move {
                    let outcome = outcome(&statement).await;
                    (statement, outcome)
                })
            })
            .buffered(AT_ONCE);
        let mut report = Self::default();
        while let Some(done) = outcomes.next().await {
            let (statement, outcome) = done.unwrap();
            report.add(statement, outcome);
        }
        report
    }

    fn add(&mut self, Statement { function, sql, .. }: Statement, outcome: Outcome) {
        match outcome {
            Outcome::Equal { names } => {
                self.equal.push(function);
                self.equal_names += usize::from(names);
            }
            Outcome::Different(difference) => {
                self.different.push(format!("[{function}] {sql}\n{difference}"))
            }
            Outcome::Error(error) => self.errors.push(format!("[{function}] {sql}\n    {error}")),
            Outcome::TooMuch(found) => {
                self.too_much.push(format!("[{function}] {sql}\n    Spark fails, found {found}"));
            }
            Outcome::Refused => self.refused += 1,
        }
    }

    /// How many statements Spark answers.
    pub(crate) fn answered(&self) -> usize {
        self.equal.len() + self.different.len() + self.errors.len()
    }

    /// Prints everything that is not equal, and the counts.
    pub(crate) fn print(&self) {
        for (title, lines) in
            [("ERROR", &self.errors), ("DIFFERENT", &self.different), ("TOO MUCH", &self.too_much)]
        {
            println!("{title}");
            lines.iter().for_each(|line| println!("{line}"));
        }
        println!(
            "of {} statements that Spark answers: {} equal ({} with equal names), {} different, {} error; \
             of {} that Spark refuses {} answered",
            self.answered(),
            self.equal.len(),
            self.equal_names,
            self.different.len(),
            self.errors.len(),
            self.refused + self.too_much.len(),
            self.too_much.len()
        );
    }

    /// Fails if a statement gets another answer than Spark's.
    pub(crate) fn assert_spark_or_nothing(&self) {
        assert!(self.different.is_empty(), "{} different", self.different.len());
        assert!(self.too_much.is_empty(), "{} answered that Spark refuses", self.too_much.len());
        let panicked: Vec<_> = self.errors.iter().filter(|error| error.contains("PANIC")).collect();
        assert!(panicked.is_empty(), "{panicked:?}");
    }
}
