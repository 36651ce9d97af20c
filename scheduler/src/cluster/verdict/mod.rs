//! Whether what a job returned may be trusted.

use std::collections::BTreeSet;

use ballista_core::serde::protobuf::failed_task::FailedReason;
use ballista_core::serde::protobuf::task_status::Status;
use ballista_scheduler::state::execution_graph::ExecutionGraph;
use ballista_scheduler::state::execution_stage::{ExecutionStage, TaskInfo};
use thiserror::Error;

/// Why a job that ended, or still runs, has to be run again as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Suspicion {
    /// An executor that took part was lost while the job ran.
    #[error("an executor was lost")]
    ExecutorLost,
    /// A stage was begun again: what its first attempt had handed on may be counted twice.
    #[error("stage {stage} was begun again")]
    StageRepeated {
        /// The stage.
        stage: usize,
    },
    /// The result of a task was lost, and its partitions were run again.
    #[error("a result of stage {stage} was lost")]
    ResultLost {
        /// Its stage.
        stage: usize,
    },
    /// A stage has partitions that no task covered once, or more than one did.
    #[error("stage {stage} does not cover each partition once")]
    Uncovered {
        /// The stage.
        stage: usize,
    },
}

/// What, if anything, speaks against the stages of `graph`.
///
/// Ballista 55.0.0 repairs a job that lost an executor by running some of its stages again, and keeps the locations that
/// the first attempts had handed on: rows come twice. So a job is trusted only if every stage was run once, and every
/// partition of it was covered by exactly one task that ended well. A task that was tried again for an error of storage
/// handed nothing on before.
pub(crate) fn suspicion(graph: &(dyn ExecutionGraph + Send + Sync)) -> Option<Suspicion> {
    graph.stages().iter().find_map(|(stage, state)| {
        if attempt(state) > 0 {
            return Some(Suspicion::StageRepeated { stage: *stage });
        }
        let tasks = state.task_infos().unwrap_or_default();
        if tasks.iter().any(is_lost) {
            return Some(Suspicion::ResultLost { stage: *stage });
        }
        match state {
            ExecutionStage::Successful(done) if !covers_once(&done.task_infos, done.partitions) => {
                Some(Suspicion::Uncovered { stage: *stage })
            }
            _ => None,
        }
    })
}

/// Executors that tasks of `graph` run on or ended well on.
pub(crate) fn executors(graph: &(dyn ExecutionGraph + Send + Sync)) -> BTreeSet<String> {
    let tasks = graph.stages().values().flat_map(|stage| stage.task_infos().unwrap_or_default());
    let executors = tasks.filter_map(|task| match &task.task_status {
        Status::Running(task) => Some(task.executor_id.clone()),
        Status::Successful(task) => Some(task.executor_id.clone()),
        Status::Failed(_) => None,
    });
    executors.collect()
}

const fn attempt(stage: &ExecutionStage) -> usize {
    match stage {
        ExecutionStage::UnResolved(stage) => stage.stage_attempt_num,
        ExecutionStage::Resolved(stage) => stage.stage_attempt_num,
        ExecutionStage::Running(stage) => stage.stage_attempt_num,
        ExecutionStage::Successful(stage) => stage.stage_attempt_num,
        ExecutionStage::Failed(stage) => stage.stage_attempt_num,
    }
}

fn is_lost(task: &TaskInfo) -> bool {
    match &task.task_status {
        Status::Failed(failed) => matches!(
            failed.failed_reason,
            Some(FailedReason::ResultLost(_) | FailedReason::FetchPartitionError(_))
        ),
        Status::Running(_) | Status::Successful(_) => false,
    }
}

/// Whether the tasks that ended well cover each of `partitions` once.
fn covers_once(tasks: &[TaskInfo], partitions: usize) -> bool {
    let done = tasks.iter().filter(|task| matches!(task.task_status, Status::Successful(_)));
    let mut covered: Vec<usize> =
        done.flat_map(|task| task.global_input_partition_ids.iter().copied()).collect();
    covered.sort_unstable();
    covered.into_iter().eq(0..partitions)
}

#[cfg(test)]
mod tests;
