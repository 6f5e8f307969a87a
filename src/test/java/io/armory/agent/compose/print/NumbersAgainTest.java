package io.armory.agent.compose.print;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.Loading;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Numbers beyond the 53 bits of a fraction: what is printed is read again as it was. The reference
/// reads a size in quotes as a fraction, and so do we; without quotes, which it takes too, every
/// bit is read.
class NumbersAgainTest {
  @ParameterizedTest
  @ValueSource(
      longs = {
        (1L << 53) - 1,
        1L << 53,
        (1L << 53) + 1,
        (1L << 62) + 1,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        1,
        536870912
      })
  void are_the_same(long number) {
    var yaml =
        """
        services:
          a:
            image: i
            mem_limit: N
            mem_reservation: N
            memswap_limit: N
            shm_size: N
            pids_limit: N
            cpu_shares: N
            cpu_quota: N
            ulimits: {nofile: {soft: N, hard: N}, x: N}
            sysctls: {a: N}
            environment: {A: N}
            labels: [a=N]
            logging: {options: {a: N}}
            blkio_config: {device_read_bps: [{path: /a, rate: N}]}
            volumes: [{type: tmpfs, target: /t, tmpfs: {size: N}}]
            x-a: N
        """
            .replace("N", String.valueOf(number));
    var loaded = Loading.loaded(yaml);

    var again = Loading.loaded(loaded.model().yaml());

    assertThat(again.model().json()).isEqualTo(loaded.model().json());
    assertThat(loaded.model().json()).contains("\"mem_limit\": \"" + number + "\"");
    assertThat(Loading.loaded(again.model().yaml()).model().json())
        .isEqualTo(loaded.model().json());
  }
}
