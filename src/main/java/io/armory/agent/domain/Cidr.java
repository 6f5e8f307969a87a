package io.armory.agent.domain;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A range of addresses, such as `192.168.240.0/24`.
///
/// @param first its first address, as a number
/// @param prefix bits that all of its addresses have in common
/// @param bits 32 for IPv4, 128 for IPv6
public record Cidr(BigInteger first, int prefix, int bits) {
  /// The library also takes `10.1`, `167772161` and `010.1.1.1`, which the engine does not.
  private static final Pattern DOTTED =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

  private static final Pattern ZEROS = Pattern.compile("(^|:)(0(:|$)){2,}");

  private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

  /// The range that an `ADDRESS/BITS` is in, or a single address; empty: it is neither.
  public static Optional<Cidr> parse(String text) {
    var slash = text.indexOf('/');
    var address = slash < 0 ? text : text.substring(0, slash);
    if (address.indexOf(':') < 0 && !DOTTED.matcher(address).matches()) {
      return Optional.empty();
    }
    byte[] octets;
    try {
      octets = InetAddress.ofLiteral(address).getAddress();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int bits = octets.length * 8;
    var length = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
    if (!PREFIX.matcher(length).matches() || Integer.parseInt(length) > bits) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(length);
    var mask = mask(prefix, bits);
    return Optional.of(new Cidr(new BigInteger(1, octets).and(mask), prefix, bits));
  }

  private static BigInteger mask(int prefix, int bits) {
    return BigInteger.ONE.shiftLeft(prefix).subtract(BigInteger.ONE).shiftLeft(bits - prefix);
  }

  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(bits - prefix);
  }

  public BigInteger last() {
    return first.add(size()).subtract(BigInteger.ONE);
  }

  public boolean contains(Cidr other) {
    return bits == other.bits && prefix <= other.prefix && overlaps(other);
  }

  public boolean overlaps(Cidr other) {
    return bits == other.bits
        && first.compareTo(other.last()) <= 0
        && other.first.compareTo(last()) <= 0;
  }

  /// What of this range is not in the other, in as few ranges as there can be.
  public List<Cidr> minus(Cidr other) {
    if (!overlaps(other)) {
      return List.of(this);
    }
    if (other.contains(this)) {
      return List.of();
    }
    var half = new Cidr(first, prefix + 1, bits);
    var upper = new Cidr(first.add(half.size()), prefix + 1, bits);
    return Stream.concat(half.minus(other).stream(), upper.minus(other).stream()).toList();
  }

  private String address() {
    var octets = new byte[bits / 8];
    var number = first.toByteArray();
    for (int i = 1; i <= Math.min(number.length, octets.length); i++) {
      octets[octets.length - i] = number[number.length - i];
    }
    try {
      return ZEROS.matcher(InetAddress.getByAddress(octets).getHostAddress()).replaceFirst("::");
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Without the prefix for a single address.
  @Override
  public String toString() {
    return prefix == bits ? address() : address() + "/" + prefix;
  }
}
