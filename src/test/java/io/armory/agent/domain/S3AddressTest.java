package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class S3AddressTest {

  private static String of(String place) {
    return S3Address.parse(place).orElseThrow().of("a.zip", ".zip").toString();
  }

  @Test
  void a_file_goes_below_a_place_or_to_an_object() {
    assertThat(of("s3://acme")).isEqualTo("s3://acme/a.zip");
    assertThat(of("s3://acme/")).isEqualTo("s3://acme/a.zip");
    assertThat(of("s3://acme/spinnaker")).isEqualTo("s3://acme/spinnaker/a.zip");
    assertThat(of("s3://acme/spinnaker/")).isEqualTo("s3://acme/spinnaker/a.zip");
    assertThat(of("s3://acme/mine.zip")).isEqualTo("s3://acme/mine.zip");
  }

  @Test
  void what_is_no_address_is_none() {
    assertThat(S3Address.parse("s3://A/b")).isEmpty();
    assertThat(S3Address.isMeant("s3://A/b")).isTrue();
    assertThat(S3Address.isMeant("/var/s3://acme")).isFalse();
  }
}
