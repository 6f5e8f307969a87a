package io.armory.agent.render;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Who can reach a port that is published on an address.
enum AddressScope {
  /// Every address of the node, the public one included.
  WILDCARD("every address of the node"),
  PUBLIC("a public address"),
  /// This node, this link, or networks that the internet does not route to.
  PRIVATE("a private address"),
  /// Not an IP address at all.
  UNKNOWN("what is not an IP address");

  /// The library also takes `10.1` and `167772161`, which the engine does not.
  private static final Pattern DOTTED = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  private final String words;

  AddressScope(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }

  /// @param hostIp as a Compose file has it; `null` or empty: not said, which is every address
  static AddressScope of(@Nullable String hostIp) {
    if (hostIp == null || hostIp.isEmpty()) {
      return WILDCARD;
    }
    var bare = bare(hostIp);
    if (bare.indexOf(':') < 0 && !DOTTED.matcher(bare).matches()) {
      return UNKNOWN;
    }
    try {
      return of(InetAddress.ofLiteral(bare));
    } catch (IllegalArgumentException e) {
      return UNKNOWN;
    }
  }

  private static AddressScope of(InetAddress address) {
    if (address.isAnyLocalAddress()) {
      return WILDCARD;
    }
    if (address.isLoopbackAddress() || address.isLinkLocalAddress()) {
      return PRIVATE;
    }
    return switch (address) {
      case Inet4Address v4 -> ofIpv4(v4.getAddress());
      case Inet6Address v6 -> ofIpv6(v6.getAddress());
      default -> UNKNOWN;
    };
  }

  /// RFC 1918; and RFC 6598's 100.64.0.0/10, which the internet does not route either and VPCs use.
  private static AddressScope ofIpv4(byte[] octets) {
    var first = octets[0] & 0xff;
    var second = octets[1] & 0xff;
    var isPrivate =
        first == 10
            || (first == 172 && (second & 0xf0) == 16)
            || (first == 192 && second == 168)
            || (first == 100 && (second & 0xc0) == 64);
    return isPrivate ? PRIVATE : PUBLIC;
  }

  /// RFC 4193's unique local addresses, fc00::/7.
  private static AddressScope ofIpv6(byte[] octets) {
    return (octets[0] & 0xfe) == 0xfc ? PRIVATE : PUBLIC;
  }

  /// Without brackets and zone.
  private static String bare(String hostIp) {
    var inner =
        hostIp.startsWith("[") && hostIp.endsWith("]")
            ? hostIp.substring(1, hostIp.length() - 1)
            : hostIp;
    var zone = inner.indexOf('%');
    return zone < 0 ? inner : inner.substring(0, zone);
  }
}
