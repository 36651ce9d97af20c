//! Variables: `${name}` in a model is replaced by text before it is parsed, as Spark's `spark.sql.variable.substitute`
//! does.

use std::collections::BTreeMap;

use crate::error::{JobsError, Result};

/// Values by name, in the form that they have in SQL.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    text: BTreeMap<String, String>,
}

impl Variables {
    /// Adds `values`, one by one over those that are there.
    ///
    /// # Errors
    /// [`JobsError::VariableValue`] for a value that has no form in SQL.
    pub fn with(mut self, values: &toml::Table) -> Result<Self> {
        for (name, value) in values {
            let text = match value {
                toml::Value::String(text) => text.clone(),
                other => sql(other)
                    .map_err(|reason| JobsError::VariableValue { variable: name.clone(), reason })?,
            };
            self.text.insert(name.clone(), text);
        }
        Ok(self)
    }

    /// The text of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.text.get(name).map(String::as_str)
    }

    /// Replaces every `${name}` of `text`.
    ///
    /// # Errors
    /// [`JobsError::Variable`] for one without a value.
    pub fn substitute(&self, file: &str, text: &str) -> Result<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let after = &rest[start + 2..];
            let Some(end) = after.find('}') else { break };
            let name = after[..end].trim();
            out.push_str(&rest[..start]);
            let Some(value) = self.text.get(name) else {
                let read = text.len() - rest.len() + start;
                return Err(JobsError::Variable {
                    variable: name.to_owned(),
                    file: file.to_owned(),
                    line: text[..read].matches('\n').count() + 1,
                    nearest: nearest(name, self.text.keys()),
                });
            };
            out.push_str(value);
            rest = &after[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Names of the variables that `text` uses.
pub(crate) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim())
}

/// The SQL form of a value inside a list or a map, and of anything but a bare string outside of them.
fn sql(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) if number.is_finite() => Ok(format!("{number:?}D")),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Array(items) => {
            let items = items.iter().map(sql).collect::<Result<Vec<_>, _>>()?;
            Ok(format!("array({})", items.join(", ")))
        }
        toml::Value::Table(table) => map(table),
        toml::Value::Float(_) => Err("a number that is not finite".to_owned()),
        toml::Value::Datetime(_) => Err("a date; write it as a string".to_owned()),
    }
}

/// Keys that are all integers become integers, in their order.
fn map(table: &toml::Table) -> Result<String, String> {
    let numbers: Option<BTreeMap<i64, &toml::Value>> =
        table.iter().map(|(key, value)| Some((key.parse().ok()?, value))).collect();
    let entries = match numbers {
        Some(numbers) => numbers
            .into_iter()
            .map(|(key, value)| Ok(format!("{key}, {}", sql(value)?)))
            .collect::<Result<Vec<_>, String>>()?,
        None => table
            .iter()
            .map(|(key, value)| Ok(format!("{}, {}", sql(&toml::Value::String(key.clone()))?, sql(value)?)))
            .collect::<Result<Vec<_>, String>>()?,
    };
    Ok(format!("map({})", entries.join(", ")))
}

/// The candidate most like `name`, if one is like it at all.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a String>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(toml: &str) -> Variables {
        Variables::default().with(&toml.parse().unwrap()).unwrap()
    }

    #[test]
    fn values_take_the_form_of_spark_sql() {
        let variables =
            variables("a = 'x'\nb = 7\nc = ['p', \"q'r\"]\nd = { 10 = 'T', 9 = 'N' }\ne = { k = true }");
        let text = variables.substitute("m.sql", "${a} ${b} ${c} ${d} ${ e }").unwrap();
        assert_eq!(text, r"x 7 array('p', 'q\'r') map(9, 'N', 10, 'T') map('k', true)");
    }

    #[test]
    fn a_variable_without_a_value_is_named_with_its_line() {
        let error = variables("party_type = 'x'").substitute("m.sql", "SELECT\n  ${party_typ}").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("${party_typ}") && text.contains("m.sql:2") && text.contains("`party_type`"),
            "{text}"
        );
    }
}
