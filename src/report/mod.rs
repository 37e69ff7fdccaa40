//! Sinks: what people get to see of the decisions.
