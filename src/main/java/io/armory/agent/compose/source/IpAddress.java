package io.armory.agent.compose.source;

import java.util.regex.Pattern;

/// Literal IP addresses, as Go's `net.ParseIP` takes them: no leading zeros, no zone.
public final class IpAddress {
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern V4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");

  private IpAddress() {}

  public static boolean isValid(String text) {
    return text.indexOf(':') < 0 ? V4.matcher(text).matches() : isV6(text);
  }

  private static boolean isV6(String text) {
    String address = text;
    int lastColon = text.lastIndexOf(':');
    if (text.indexOf('.') >= 0) {
      if (!V4.matcher(text.substring(lastColon + 1)).matches()) {
        return false;
      }
      address = text.substring(0, lastColon + 1) + "0:0";
    }
    int gap = address.indexOf("::");
    if (gap < 0) {
      return groups(address) == 8;
    }
    int before = groups(address.substring(0, gap));
    int after = groups(address.substring(gap + 2));
    return before >= 0 && after >= 0 && before + after < 8;
  }

  /// How many groups; -1 if one is malformed.
  private static int groups(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    String[] groups = text.split(":", -1);
    for (String group : groups) {
      if (!GROUP.matcher(group).matches()) {
        return -1;
      }
    }
    return groups.length;
  }
}
