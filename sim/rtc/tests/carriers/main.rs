//! HTTP/1.1, WebSocket and SIP: what carries signaling. A file for each.

mod http;
mod websocket;
mod websocket_oracle;
