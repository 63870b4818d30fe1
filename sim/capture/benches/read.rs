//! How many packets a second are read, put into a line each, checked and made a trace of. The file is a relayed call, made here:
//! RTP in channel data, now and then a STUN check; 290 bytes a packet on average.

use divan::Bencher;
use divan::counter::ItemsCount;
use rtclab_capture::{CaptureFile, dissect, summary, trace_of};
use rtclab_rtc::stun::{Attribute, Builder, Method, TransactionId};

const PACKETS: usize = 200_000;

fn main() {
    divan::main();
}

/// A pcapng file of so many packets.
fn file() -> Vec<u8> {
    let mut file = Vec::with_capacity(PACKETS * 340);
    file.extend(words(&[0x0a0d_0d0a, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28]));
    file.extend(words(&[1, 20, 101, 0, 20]));
    for index in 0..PACKETS {
        let packet = packet(index);
        let padded = packet.len().next_multiple_of(4);
        let (block, stamp) = (32 + padded as u32, index as u64 * 10_000);
        let length = packet.len() as u32;
        file.extend(words(&[6, block, 0, (stamp >> 32) as u32, stamp as u32, length, length]));
        file.extend_from_slice(&packet);
        file.resize(file.len() + padded - packet.len(), 0);
        file.extend(words(&[block]));
    }
    file
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn packet(index: usize) -> Vec<u8> {
    let payload = if index.is_multiple_of(50) { check(index) } else { media(index) };
    let mut packet = Vec::new();
    let host = [192, 168, 1, (index % 8) as u8];
    etherparse::PacketBuilder::ipv4(host, [203, 0, 113, 1], 64)
        .udp(50_000, 3478)
        .write(&mut packet, &payload)
        .expect("a vector takes what is written");
    packet
}

fn check(index: usize) -> Vec<u8> {
    let mut id = [0; 12];
    id[..8].copy_from_slice(&(index as u64).to_be_bytes());
    Builder::request(Method::BINDING, TransactionId(id)).attribute(&Attribute::Priority(1)).finish()
}

fn media(index: usize) -> Vec<u8> {
    let length = 100 + index * 37 % 330;
    let mut payload = vec![0x40, 0, (length >> 8) as u8, length as u8, 0x80, 96];
    payload.extend((index as u16).to_be_bytes());
    payload.resize(length + 4, 0x5a);
    payload
}

#[divan::bench(sample_count = 5)]
fn read(bencher: Bencher<'_, '_>) {
    let file = file();
    bencher.counter(ItemsCount::new(PACKETS)).bench(|| CaptureFile::read(&file).packets.len());
}

#[divan::bench(sample_count = 5)]
fn read_and_summarise(bencher: Bencher<'_, '_>) {
    let file = file();
    bencher.counter(ItemsCount::new(PACKETS)).bench(|| {
        let capture = CaptureFile::read(&file);
        let lines = capture
            .packets
            .iter()
            .map(|packet| summary(capture.link_type_of(packet).encapsulation(), packet.data).len());
        lines.sum::<usize>()
    });
}

#[divan::bench(sample_count = 5)]
fn read_and_infer(bencher: Bencher<'_, '_>) {
    let file = file();
    bencher.counter(ItemsCount::new(PACKETS)).bench(|| trace_of(&CaptureFile::read(&file)).0.len());
}

#[divan::bench(sample_count = 5)]
fn read_and_dissect(bencher: Bencher<'_, '_>) {
    let file = file();
    bencher.counter(ItemsCount::new(PACKETS)).bench(|| {
        let capture = CaptureFile::read(&file);
        let trees = capture
            .packets
            .iter()
            .map(|packet| dissect(capture.link_type_of(packet).encapsulation(), packet.data).layers.len());
        trees.sum::<usize>()
    });
}
