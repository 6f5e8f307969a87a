package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeRanges.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The kernel's tables as they were seen on nodes.
class NodeRoutesTest {
  @TempDir Path root;

  private void write(String path, String text) throws IOException {
    var file = root.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private List<String> seen() {
    var none = new NodeRoutes(root.resolve("none")).needs();
    return new NodeRoutes(root)
        .needs().stream().filter(n -> !none.contains(n)).map(NodeRoutesTest::line).toList();
  }

  private static String line(Need need) {
    return need.range() + ", " + need.what();
  }

  @Test
  void the_nodes_own_routes_and_gateways_count_and_the_engines_bridges_do_not() throws IOException {
    write(
        "proc/net/route",
        """
        Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
        eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
        tun0\t00000000\t0108000A\t0003\t0\t0\t0\t00000080\t0\t0\t0
        tun0\t00000080\t0108000A\t0003\t0\t0\t0\t00000080\t0\t0\t0
        docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
        eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
        br-cb4cb5026292\t00F0A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
        *\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0
        """);
    assertThat(seen())
        .containsExactly(
            "192.0.2.0/24, a route of this node, by eth0",
            "192.0.2.1, a gateway of this node's routes",
            "10.0.8.1, a gateway of this node's routes");
  }

  @Test
  void routes_of_ipv6_count_but_for_each_ones_own_addresses() throws IOException {
    var zero = "0".repeat(32);
    write(
        "proc/net/ipv6_route",
        """
        fd000000000000000000000000000000 40 %1$s 00 %1$s 00000100 00000001 00000000 00000001     eth0
        fd000000000000000000000000000002 80 %1$s 00 %1$s 00000000 00000002 00000000 80200001     eth0
        %1$s 00 %1$s 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
        fe800000000000000000000000000000 40 %1$s 00 %1$s 00000100 00000001 00000000 00000001     eth0
        ff000000000000000000000000000000 08 %1$s 00 %1$s 00000100 00000001 00000000 00000001     eth0
        %1$s 00 %1$s 00 %1$s ffffffff 00000001 00000000 00200200       lo
        """
            .formatted(zero));
    assertThat(seen())
        .containsExactly(
            "fd00::/64, a route of this node, by eth0", "fd00::1, a gateway of this node's routes");
  }

  @Test
  void name_servers_count() throws IOException {
    write("etc/resolv.conf", "# nameserver 1.1.1.1\nnameserver 127.0.0.53\nsearch x\n");
    write("run/systemd/resolve/resolv.conf", "nameserver 10.0.0.2\nnameserver fe80::1%eth0\n");
    assertThat(seen())
        .containsExactly(
            "127.0.0.53, a name server of this node, by /etc/resolv.conf",
            "10.0.0.2, a name server of this node, by /run/systemd/resolve/resolv.conf",
            "fe80::1, a name server of this node, by /run/systemd/resolve/resolv.conf");
  }

  @Test
  void what_cannot_be_read_or_is_nonsense_is_left_out() throws IOException {
    write("proc/net/route", "Iface\n\nnonsense\neth0\tx\ty\tz\t0\t0\t0\tw\n");
    write("proc/net/ipv6_route", "x y\n");
    write("etc/resolv.conf", "nameserver\nnameserver nowhere\n");
    assertThat(seen()).isEmpty();
  }
}
