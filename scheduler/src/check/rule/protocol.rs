//! Protocol, features and properties.

use goldsmith_lake::inspect::LogFacts;

use super::{Finding, Rule};

/// Highest reader version that Customer Insights takes.
const READER_VERSION: u32 = 2;

/// Highest writer version without a list of features.
const WRITER_VERSION: u32 = 6;

/// Features that a protocol of writer 6 has without listing them, and that Customer Insights reads.
const READ_FEATURES: [&str; 7] = [
    "appendOnly",
    "invariants",
    "checkConstraints",
    "changeDataFeed",
    "generatedColumns",
    "columnMapping",
    "identityColumns",
];

/// Days for which Customer Insights may ask for an old version.
const RETENTION_DAYS: f64 = 15.0;

/// How long each property keeps what it is about, with Delta's default in days.
const RETENTION_PROPERTIES: [(&str, f64); 2] =
    [("delta.logRetentionDuration", 30.0), ("delta.deletedFileRetentionDuration", 7.0)];

pub(super) fn check(log: &LogFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if log.min_reader_version > READER_VERSION {
        findings.push(Finding::violation(
            Rule::ReaderVersion,
            format!("the protocol asks for reader version {}", log.min_reader_version),
            "write the table anew with reader version 1: a protocol never goes down again",
        ));
    }
    let unknown: Vec<&str> =
        log.features.iter().map(String::as_str).filter(|f| !READ_FEATURES.contains(f)).collect();
    if !unknown.is_empty() {
        findings.push(Finding::violation(
            Rule::TableFeatures,
            format!("the table has the features {}", unknown.join(", ")),
            if unknown.contains(&"deletionVectors") {
                "write the table anew without them; `delta.enableDeletionVectors` switches deletion vectors off"
            } else {
                "write the table anew without them: a protocol never goes down again"
            },
        ));
    } else if log.min_writer_version > WRITER_VERSION {
        findings.push(Finding::violation(
            Rule::TableFeatures,
            format!("the protocol asks for writer version {}, which lists features", log.min_writer_version),
            "write the table anew with writer version 6 or lower",
        ));
    }
    if let Some(mode) = log.properties.get("delta.columnMapping.mode").filter(|mode| mode.as_str() != "none")
    {
        findings.push(Finding::warning(
            Rule::ColumnMapping,
            format!("columns are mapped by {mode}, which raises the reader version"),
            "write the table without column mapping",
        ));
    }
    for (property, default_days) in RETENTION_PROPERTIES {
        let (days, said) = match log.properties.get(property) {
            Some(text) => (interval_days(text), text.as_str()),
            None => (Some(default_days), "not set"),
        };
        if days.is_none_or(|days| days < RETENTION_DAYS) {
            findings.push(Finding::warning(
                Rule::Retention,
                format!("`{property}` is {said}"),
                "set it to `interval 30 days`: a version that is gone costs a full refresh by hand",
            ));
        }
    }
    findings
}

/// Days of an interval such as `interval 2 weeks 1 day`; none if it is not one.
fn interval_days(text: &str) -> Option<f64> {
    let mut words = text.split_whitespace().skip_while(|word| word.eq_ignore_ascii_case("interval"));
    let mut days = None;
    while let Some(number) = words.next() {
        let number: f64 = number.parse().ok()?;
        let unit = words.next()?.to_lowercase();
        let unit_days = match unit.trim_end_matches('s') {
            "week" => 7.0,
            "day" => 1.0,
            "hour" => 1.0 / 24.0,
            "minute" => 1.0 / 1_440.0,
            "second" => 1.0 / 86_400.0,
            _ => return None,
        };
        days = Some(days.unwrap_or(0.0) + number * unit_days);
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(log: &LogFacts) -> Vec<Rule> {
        check(log).into_iter().map(|finding| finding.rule).collect()
    }

    fn good() -> LogFacts {
        let keep = "interval 30 days".to_owned();
        LogFacts {
            min_reader_version: 1,
            min_writer_version: 4,
            properties: RETENTION_PROPERTIES
                .iter()
                .map(|(key, _)| ((*key).to_owned(), keep.clone()))
                .collect(),
            ..LogFacts::default()
        }
    }

    #[test]
    fn what_goldsmith_writes_passes() {
        assert_eq!(check(&good()), []);
    }

    #[test]
    fn features_are_refused_by_name() {
        let features = ["deletionVectors".to_owned(), "changeDataFeed".to_owned()].into();
        let log = LogFacts { min_reader_version: 3, min_writer_version: 7, features, ..good() };
        assert_eq!(rules(&log), [Rule::ReaderVersion, Rule::TableFeatures]);
        let message = &check(&log)[1].message;
        assert!(message.contains("deletionVectors") && !message.contains("changeDataFeed"), "{message}");
        assert_eq!(rules(&LogFacts { min_writer_version: 7, ..good() }), [Rule::TableFeatures]);
    }

    #[test]
    fn retention_is_read_as_delta_writes_it() {
        for (text, days) in [
            ("interval 30 days", Some(30.0)),
            ("interval 2 weeks", Some(14.0)),
            ("interval 1 week 12 hours", Some(7.5)),
            ("30", None),
            ("interval", None),
        ] {
            assert_eq!(interval_days(text), days, "{text}");
        }
        let mut log = good();
        log.properties.remove("delta.deletedFileRetentionDuration");
        assert_eq!(rules(&log), [Rule::Retention], "the default is seven days");
        log.properties.remove("delta.logRetentionDuration");
        assert_eq!(rules(&log), [Rule::Retention], "the default is thirty days");
    }
}
