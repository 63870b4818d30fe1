//! Other stacks as guests in the lab, ours among them: ICE agents, who connects to whom through which NATs, and how fast; and peer connections, who
//! opens a data channel to whom.

mod departures;
mod guest;
mod is_agent;
mod matrix;
mod ours;
mod rice_agent;
mod rtc_agent;
mod seat;
mod sessions;
mod table;
mod timing;
