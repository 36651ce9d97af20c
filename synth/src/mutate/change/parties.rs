//! Customers who are moved to the party of another customer, because both turned out to be one person.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::pick::{Record, Wanted, count};
use super::super::read::{Table, has};
use super::super::{Lake, edit::Edit, rows_of};
use crate::commit::Operation;
use crate::error::Result;

/// Candidates for each customer to be moved: many turn out not to be free.
const CANDIDATES: usize = 6;

/// An account as orders name it.
type Account = (String, String);

struct Candidate {
    record: Record,
    party: i64,
    account: Account,
}

pub(super) async fn moved(lake: &mut Lake<'_>) -> Result<()> {
    const CHANGE: &str = "customers moved to another party";
    let customers = lake.open("custtable").await?;
    let wanted_moves = count(customers.rows(), lake.fraction);
    let candidates = candidates(lake, &customers, wanted_moves).await?;
    let free = free(lake, &customers, candidates).await?;
    // One half moves to the other.
    let moves = wanted_moves.min(free.len() / 2);
    let (movers, others) = free.split_at(moves);
    let targets: HashMap<i64, i64> =
        movers.iter().zip(others).map(|(mover, other)| (mover.record.recid, other.party)).collect();
    let records: Vec<Record> = movers.iter().map(|mover| mover.record.clone()).collect();
    let numbers = lake.numbers(rows_of(&records));
    let table = customers.clone();
    let edit = Arc::new(move |rows: &_, ranks: &[u64]| {
        let party = |recid: Option<i64>| recid.and_then(|recid| targets.get(&recid)).copied().unwrap_or(0);
        Edit::new(&table, rows)
            .integer("party", table.integers(rows, "recid")?.iter().map(party))
            .time("modifieddatetime", ranks.iter().map(|_| numbers.written_at))
            .written(&numbers, ranks)
            .finish()
    });
    lake.rewrite(CHANGE, &customers, Operation::Merge, &records, Some(edit)).await
}

async fn candidates(lake: &Lake<'_>, customers: &Table, moves: usize) -> Result<Vec<Candidate>> {
    let rows = f64::from(u32::try_from(customers.rows().max(1)).unwrap_or(u32::MAX));
    let wanted = Wanted {
        purpose: "party",
        share: f64::from(u32::try_from(moves * CANDIDATES + 30).unwrap_or(u32::MAX)) / rows,
        columns: &["party", "accountnum", "dataareaid"],
        keep: &|batch, row| {
            let party = customers.integers(batch, "party")?;
            let named = has(customers.texts(batch, "accountnum")?, row)
                && has(customers.texts(batch, "dataareaid")?, row);
            Ok(named && has(party, row) && party.value(row) > 0)
        },
    };
    // A record of several versions is left alone.
    let picked: Vec<Record> =
        lake.pick(customers, &wanted).await?.into_iter().filter(|record| record.rows.len() == 1).collect();
    let places: Vec<_> = picked.iter().filter_map(Record::latest).collect();
    let rows = customers.fetch(&places).await?;
    let (parties, accounts) = (customers.integers(&rows, "party")?, customers.texts(&rows, "accountnum")?);
    let companies = customers.texts(&rows, "dataareaid")?;
    let of = |(row, record): (usize, Record)| Candidate {
        record,
        party: parties.value(row),
        account: (companies.value(row).to_owned(), accounts.value(row).to_owned()),
    };
    Ok(picked.into_iter().enumerate().map(of).collect())
}

/// Those whose party is there, has no card and no other account, and whose account has no other row: two accounts of a
/// party that holds a card would be a tie of kind N1, two rows of an account under one party one of kind N3.
async fn free(lake: &Lake<'_>, customers: &Table, candidates: Vec<Candidate>) -> Result<Vec<Candidate>> {
    let parties: HashSet<i64> = candidates.iter().map(|c| c.party).collect();
    let accounts: HashSet<&Account> = candidates.iter().map(|c| &c.account).collect();
    let mut rows_of_party: HashMap<i64, u32> = HashMap::new();
    let mut rows_of_account: HashMap<Account, u32> = HashMap::new();
    customers
        .scan(&["party", "accountnum", "dataareaid"], |_, batch| {
            let (party, number) =
                (customers.integers(batch, "party")?, customers.texts(batch, "accountnum")?);
            let company = customers.texts(batch, "dataareaid")?;
            for row in 0..batch.num_rows() {
                if has(party, row) && parties.contains(&party.value(row)) {
                    *rows_of_party.entry(party.value(row)).or_default() += 1;
                }
                if has(number, row) && has(company, row) {
                    let account = (company.value(row).to_owned(), number.value(row).to_owned());
                    if accounts.contains(&account) {
                        *rows_of_account.entry(account).or_default() += 1;
                    }
                }
            }
            Ok(())
        })
        .await?;
    let with_card = seen(&lake.open("retailloyaltycard").await?, "party", &parties).await?;
    let there = seen(&lake.open("dirpartytable").await?, "recid", &parties).await?;
    Ok(candidates
        .into_iter()
        .filter(|c| {
            let alone =
                rows_of_party.get(&c.party) == Some(&1) && rows_of_account.get(&c.account) == Some(&1);
            alone && there.contains(&c.party) && !with_card.contains(&c.party)
        })
        .collect())
}

/// Which of `ids` a column of a table holds.
async fn seen(table: &Table, column: &'static str, ids: &HashSet<i64>) -> Result<HashSet<i64>> {
    let mut found = HashSet::new();
    table
        .scan(&[column], |_, batch| {
            found.extend(table.integers(batch, column)?.iter().flatten().filter(|id| ids.contains(id)));
            Ok(())
        })
        .await?;
    Ok(found)
}
