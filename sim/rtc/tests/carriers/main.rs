//! HTTP/1.1, WebSocket, SIP and WHIP: what carries signaling. A file for each.

mod http;
mod sip_calls;
mod sip_messages;
mod websocket;
mod websocket_oracle;
mod whip;
