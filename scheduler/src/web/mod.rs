//! The page of a scheduler: what runs, what ran, what bronze holds and what is published. Plain HTML, made here whole at
//! every look; a small script asks for it again, and without the script the browser does.

mod metrics;
mod page;
mod parts;
mod text;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};

pub(crate) use self::metrics::{ClusterMetrics, RefreshMetrics};
use crate::coordinator::Coordinator;

/// The pages over a coordinator.
pub(crate) fn router(coordinator: Arc<Coordinator>) -> Router {
    Router::new()
        .route("/", get(whole))
        .route("/now", get(now))
        .route("/api/overview", get(overview))
        .route("/style.css", get(|| async { asset("text/css; charset=utf-8", include_str!("style.css")) }))
        .route("/page.js", get(|| async { asset("text/javascript; charset=utf-8", include_str!("page.js")) }))
        .with_state(coordinator)
}

async fn whole(State(coordinator): State<Arc<Coordinator>>) -> Html<String> {
    Html(page::whole(&coordinator.overview().await).into_string())
}

/// What changes of the page.
async fn now(State(coordinator): State<Arc<Coordinator>>) -> Html<String> {
    Html(page::content(&coordinator.overview().await).into_string())
}

async fn overview(State(coordinator): State<Arc<Coordinator>>) -> impl IntoResponse {
    Json(coordinator.overview().await)
}

fn asset(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, content_type)], text)
}
