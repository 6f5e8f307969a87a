package io.armory.agent.adapter.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SsmPagesTest {

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "1, 1, 1", "50, 1, 5", "51, 2, 6", "10000, 200, 1000"})
  void calls_are_counted_by_whole_pages(int parameters, int described, int read) {
    assertThat(SsmPages.calls(parameters, true)).isEqualTo(described);
    assertThat(SsmPages.calls(parameters, false)).isEqualTo(read);
  }
}
