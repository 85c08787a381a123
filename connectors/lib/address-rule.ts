import ipaddr from 'ipaddr.js';

const PUBLIC_PORTS = [80, 443, 8443];
export const LOOPBACK_NETWORKS = ['127.0.0.0/8', '::1/128'] as const;

/** Decides where requests to outside may go. */
export interface AddressRule {
  /** The reason why this address, scheme and port are refused; undefined when they are allowed. */
  refuse(address: string, protocol: string, port: number): string | undefined;
}

/**
 * Public unicast addresses over https on 80, 443 and 8443, and whatever the operator allows by CIDR on any port and
 * scheme. Fails with a TypeError that names the entry when a CIDR cannot be read.
 */
export function addressRule(allowedNetworks: readonly string[]): AddressRule {
  const networks = allowedNetworks.map(parseNetwork);
  return {
    refuse(address, protocol, port) {
      if (!ipaddr.isValid(address)) return `${address} is not an IP address`;
      const parsed = ipaddr.process(address);
      const allowed = networks.some(
        ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
      );
      if (allowed) return undefined;
      const range = parsed.range();
      if (range !== 'unicast') return `${address} is a ${range} address outside the allowed networks`;
      if (protocol !== 'https:') return `${protocol}// is only allowed inside the allowed networks`;
      if (!PUBLIC_PORTS.includes(port)) return `port ${port} is not one of ${PUBLIC_PORTS.join(', ')}`;
      return undefined;
    },
  };
}

function parseNetwork(cidr: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    return ipaddr.parseCIDR(cidr.trim());
  } catch (cause) {
    throw new TypeError(`${cidr} is not a network such as 10.0.0.0/8`, { cause });
  }
}
