//! NATs by the names people use, as points on the axes. Not here: the names of scenario documents (`rtclab-lab`).

use super::{FilteringBehavior, MappingBehavior, NatConfig, PortAllocation};

impl NatConfig {
    /// RFC 3489 §5 "full cone": endpoint-independent mapping and filtering.
    pub fn full_cone() -> NatConfig {
        NatConfig { filtering: FilteringBehavior::EndpointIndependent, ..NatConfig::default() }
    }

    /// RFC 3489 §5 "restricted cone": endpoint-independent mapping, address-dependent filtering.
    pub fn address_restricted() -> NatConfig {
        NatConfig { filtering: FilteringBehavior::AddressDependent, ..NatConfig::default() }
    }

    /// RFC 3489 §5 "port restricted cone": endpoint-independent mapping, address and port-dependent filtering.
    pub fn port_restricted() -> NatConfig {
        NatConfig { filtering: FilteringBehavior::AddressAndPortDependent, ..NatConfig::default() }
    }

    /// RFC 3489 §5 "symmetric": a mapping of its own, with a random port, for each remote endpoint.
    pub fn symmetric() -> NatConfig {
        NatConfig {
            mapping: MappingBehavior::AddressAndPortDependent,
            filtering: FilteringBehavior::AddressAndPortDependent,
            ports: PortAllocation::Random,
            ..NatConfig::default()
        }
    }
}
