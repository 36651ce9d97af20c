//! One refresh in the coordinator: runs to its end whoever listens, and tells everybody who does.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::{FutureExt, Stream};
use goldsmith_proto::control::v1::refresh_event::Event;
use goldsmith_proto::control::v1::{ModelProgress, RefreshEvent};
use goldsmith_proto::id::RefreshId;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::overview::{RunView, model_views};
use super::{Coordinator, failure};
use crate::error::SchedulerError;
use crate::history::RefreshSummary;
use crate::plan::{PlanOptions, RefreshPlan, Step};
use crate::refresh::{self, Meter, Progress, RefreshReport};

/// How often the numbers of a running model are told.
const TICK: Duration = Duration::from_millis(250);

/// A refresh and what was told of it so far.
#[derive(Debug)]
pub(super) struct Run {
    id: RefreshId,
    as_of: DateTime<Utc>,
    started_at: DateTime<Utc>,
    cancel: CancellationToken,
    told: Mutex<Told>,
    /// The number of the latest event. Every listener holds a receiver.
    latest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Told {
    /// What a listener is told, each kind once and in its latest form, with the number of the event.
    events: BTreeMap<Topic, (u64, RefreshEvent)>,
    /// Where the models stand in the plan.
    places: BTreeMap<String, u32>,
    /// Models that are being built.
    meters: BTreeMap<u32, Meter>,
    /// What it does.
    plan: Option<RefreshPlan>,
    running: bool,
    end: Option<End>,
}

/// What an event is about; a newer one takes the place of an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Waiting,
    Plan,
    Model(u32),
    End,
}

#[derive(Debug, Clone)]
struct End {
    at: DateTime<Utc>,
    report: Result<RefreshReport, String>,
}

impl Run {
    pub(super) fn new(id: RefreshId, as_of: DateTime<Utc>, started_at: DateTime<Utc>) -> Self {
        Self {
            id,
            as_of,
            started_at,
            cancel: CancellationToken::new(),
            told: Mutex::default(),
            latest: watch::Sender::new(0),
        }
    }

    /// Waits for its turn, and refreshes.
    pub(super) async fn execute(self: Arc<Self>, coordinator: Arc<Coordinator>, options: PlanOptions) {
        let turn = match coordinator.turn.try_lock() {
            Ok(turn) => Ok(turn),
            Err(_) => {
                let other = coordinator.summaries(|run| !run.has_ended() && run.id != self.id);
                let other = other.first().map(|other| other.refresh_id.to_string()).unwrap_or_default();
                self.tell(Topic::Waiting, Event::WaitingFor(other));
                tokio::select! {
                    turn = coordinator.turn.lock() => Ok(turn),
                    () = self.cancel.cancelled() => Err(SchedulerError::Interrupted),
                }
            }
        };
        let outcome = match turn {
            Err(error) => Err(error),
            Ok(_turn) => {
                self.told.lock().running = true;
                let refreshing = refresh::run(
                    &coordinator.lakehouse,
                    self.id,
                    self.as_of,
                    &options,
                    coordinator.clock,
                    self.as_ref(),
                    self.cancel.cancelled(),
                );
                // Whoever listens has to hear of its end, whatever that is.
                let refreshing = AssertUnwindSafe(refreshing).catch_unwind();
                tokio::select! {
                    outcome = refreshing => outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))),
                    () = self.tell_numbers() => Err(SchedulerError::Interrupted),
                }
            }
        };
        let (event, report) = match outcome {
            Ok(report) => (Event::ReportJson(serde_json::to_string(&report).unwrap_or_default()), Ok(report)),
            Err(error) => {
                tracing::warn!(refresh_id = %self.id, error = crate::error::chain(&error), "refresh failed");
                (Event::Failure(failure::message(&error)), Err(crate::error::chain(&error)))
            }
        };
        self.told.lock().end = Some(End { at: (coordinator.clock)(), report });
        coordinator.metrics.ended(&self.summary());
        coordinator.lake.forget();
        self.tell(Topic::End, event);
    }

    pub(super) fn cancel(&self) {
        self.cancel.cancel();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.told.lock().end.is_some()
    }

    pub(super) fn summary(&self) -> RefreshSummary {
        let told = self.told.lock();
        let state = match &told.end {
            Some(End { report: Ok(_), .. }) => "done",
            Some(End { report: Err(_), .. }) => "failed",
            None if told.running => "running",
            None => "waiting",
        };
        let end = told.end.clone();
        let report = end.as_ref().and_then(|end| end.report.clone().ok());
        RefreshSummary {
            refresh_id: self.id,
            as_of: self.as_of,
            started_at: self.started_at,
            ended_at: end.as_ref().map(|end| end.at),
            state: state.to_owned(),
            error: end.and_then(|end| end.report.err()),
            process: None,
            report,
        }
    }

    /// How far it is.
    pub(super) fn view(&self) -> RunView {
        let told = self.told.lock();
        let progress = told.events.iter().filter_map(|(topic, (_, event))| match (topic, &event.event) {
            (Topic::Model(place), Some(Event::Progress(progress))) => Some((*place, *progress)),
            _ => None,
        });
        let models = told.plan.as_ref().map_or_else(Vec::new, |plan| model_views(plan, &progress.collect()));
        RunView {
            refresh_id: self.id,
            as_of: self.as_of,
            started_at: self.started_at,
            state: if told.running { "running" } else { "waiting" }.to_owned(),
            models,
        }
    }

    /// Everything that was told so far, in its latest form, and then what is told until it ends.
    pub(super) fn events(self: Arc<Self>) -> impl Stream<Item = RefreshEvent> + Send + use<> {
        let latest = self.latest.subscribe();
        let state = (self, latest, 0_u64, Vec::<RefreshEvent>::new(), false);
        futures::stream::unfold(state, |(run, mut latest, mut seen, mut next, mut ended)| async move {
            while next.is_empty() {
                if ended {
                    return None;
                }
                let upto = *latest.borrow_and_update();
                if upto > seen {
                    let told = run.told.lock();
                    let mut new: Vec<_> = told
                        .events
                        .values()
                        .filter(|(number, _)| (seen + 1..=upto).contains(number))
                        .collect();
                    new.sort_by_key(|(number, _)| *number);
                    ended = told.events.get(&Topic::End).is_some_and(|(number, _)| *number <= upto);
                    next.extend(new.into_iter().rev().map(|(_, event)| event.clone()));
                    seen = upto;
                } else if latest.changed().await.is_err() {
                    return None;
                }
            }
            next.pop().map(|event| (event, (run, latest, seen, next, ended)))
        })
    }

    fn tell(&self, topic: Topic, event: Event) {
        let mut told = self.told.lock();
        let number = *self.latest.borrow() + 1;
        told.events.insert(topic, (number, RefreshEvent { event: Some(event) }));
        self.latest.send_replace(number);
    }

    /// Tells the numbers of the models that are being built, for ever.
    async fn tell_numbers(&self) {
        loop {
            tokio::time::sleep(TICK).await;
            let meters = self.told.lock().meters.clone();
            for (model, meter) in meters {
                self.tell(Topic::Model(model), Event::Progress(numbers(model, &meter, false)));
            }
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> SchedulerError {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let message = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    SchedulerError::Panicked { message }
}

fn numbers(model: u32, meter: &Meter, staged: bool) -> ModelProgress {
    let count = meter.count();
    ModelProgress {
        model,
        rows: count.rows,
        bytes: count.bytes,
        tasks_done: count.tasks_done,
        tasks: count.tasks,
        stages_done: count.stages_done,
        stages: count.stages,
        staged,
    }
}

impl Progress for Run {
    fn planned(&self, plan: &RefreshPlan) {
        let mut told = self.told.lock();
        told.places = (0..).zip(&plan.models).map(|(place, step)| (step.key.clone(), place)).collect();
        told.meters.clear();
        told.plan = Some(plan.clone());
        told.events.retain(|topic, _| !matches!(topic, Topic::Model(_)));
        drop(told);
        self.tell(Topic::Plan, Event::PlanJson(serde_json::to_string(plan).unwrap_or_default()));
    }

    fn building(&self, step: &Step, meter: Meter) {
        let place = self.told.lock().places.get(&step.key).copied();
        if let Some(place) = place {
            self.tell(Topic::Model(place), Event::Progress(numbers(place, &meter, false)));
            self.told.lock().meters.insert(place, meter);
        }
    }

    fn staged(&self, step: &Step, rows: u64, bytes: u64) {
        let mut told = self.told.lock();
        let Some(place) = told.places.get(&step.key).copied() else { return };
        told.meters.remove(&place);
        drop(told);
        let done = ModelProgress { model: place, rows, bytes, staged: true, ..ModelProgress::default() };
        self.tell(Topic::Model(place), Event::Progress(done));
    }
}
