//! New customers with parties of their own, some of them for accounts that orders already name.

use std::collections::BTreeMap;

use super::super::pick::{Record, Wanted};
use super::super::read::{Table, has};
use super::super::{Lake, edit::Edit};
use crate::error::Result;

/// Accounts of orders among which those are looked for that no customer has.
const SAMPLE: usize = 4096;

pub(super) async fn new(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "new customers";
    let (customers, parties) = (lake.open("custtable").await?, lake.open("dirpartytable").await?);
    let wanted = Wanted {
        purpose: CHANGE,
        share: lake.fraction,
        columns: &["accountnum", "dataareaid"],
        keep: &|batch, row| {
            Ok(has(customers.texts(batch, "accountnum")?, row)
                && has(customers.texts(batch, "dataareaid")?, row))
        },
    };
    let picked = lake.pick(&customers, &wanted).await?;
    let places: Vec<_> = picked.iter().filter_map(Record::latest).collect();
    let old = customers.fetch(&places).await?;
    let step = lake.step();
    let new_parties = lake.new_recids(old.num_rows());

    let wanted =
        Wanted { purpose: "party of customer", share: lake.fraction, columns: &[], keep: &|_, _| Ok(true) };
    let models = lake.pick(&parties, &wanted).await?;
    let models: Vec<_> = models.iter().filter_map(Record::latest).collect();
    let models: Vec<_> =
        models.iter().copied().cycle().take(if models.is_empty() { 0 } else { old.num_rows() }).collect();
    let rows = parties.fetch(&models).await?;
    let numbers = lake.numbers(rows.num_rows());
    let count = || 0..rows.num_rows();
    let rows = Edit::new(&parties, &rows)
        .text("partynumber", count().map(|n| Some(format!("N{step:06}-{n:05}"))))
        .text("name", count().map(|n| Some(format!("Neuer Kunde {step} {n}"))))
        // The phone stays with whoever had it: families share one.
        .integer("primarycontactemail", count().map(|_| 0))
        .integer("primaryaddresslocation", count().map(|_| 0))
        .copied(&numbers, &new_parties)
        .finish()?;
    lake.append(CHANGE, &parties, rows).await?;

    let unknown = unknown_accounts(lake, &customers).await?;
    // At least one, and one in four at most.
    let named = unknown.len().min(old.num_rows().div_ceil(4));
    let companies = customers.texts(&old, "dataareaid")?;
    let accounts: Vec<(String, String)> = (0..old.num_rows())
        .map(|n| match unknown.get(n) {
            Some(account) if n < named => account.clone(),
            _ => (companies.value(n).to_owned(), format!("N{step:06}-{n:05}")),
        })
        .collect();
    let recids = lake.new_recids(old.num_rows());
    let numbers = lake.numbers(old.num_rows());
    let rows = Edit::new(&customers, &old)
        .text("dataareaid", accounts.iter().map(|(company, _)| Some(company)))
        .text("accountnum", accounts.iter().map(|(_, account)| Some(account)))
        .text("invoiceaccount", accounts.iter().map(|(_, account)| Some(account)))
        .integer("party", new_parties.iter().copied())
        .time("createddatetime", recids.iter().map(|_| numbers.written_at))
        .copied(&numbers, &recids)
        .finish()?;
    lake.append(CHANGE, &customers, rows).await
}

/// Companies and accounts that orders name and that are not there.
async fn unknown_accounts(lake: &Lake<'_>, customers: &Table) -> Result<Vec<(String, String)>> {
    let orders = lake.open("salestable").await?;
    let mut named: BTreeMap<(u64, String, String), ()> = BTreeMap::new();
    let key = |company: &str, account: &str| {
        let hash = lake.lot.hash("account", format!("{company}\0{account}").as_bytes());
        (hash, company.to_owned(), account.to_owned())
    };
    orders
        .scan(&["dataareaid", "custaccount"], |_, batch| {
            let (company, account) =
                (orders.texts(batch, "dataareaid")?, orders.texts(batch, "custaccount")?);
            for row in 0..batch.num_rows() {
                if has(company, row) && has(account, row) && !account.value(row).is_empty() {
                    named.insert(key(company.value(row), account.value(row)), ());
                    if named.len() > SAMPLE {
                        named.pop_last();
                    }
                }
            }
            Ok(())
        })
        .await?;
    customers
        .scan(&["dataareaid", "accountnum"], |_, batch| {
            let (company, account) =
                (customers.texts(batch, "dataareaid")?, customers.texts(batch, "accountnum")?);
            for row in 0..batch.num_rows() {
                if has(company, row) && has(account, row) {
                    named.remove(&key(company.value(row), account.value(row)));
                }
            }
            Ok(())
        })
        .await?;
    Ok(named.into_keys().map(|(_, company, account)| (company, account)).collect())
}
