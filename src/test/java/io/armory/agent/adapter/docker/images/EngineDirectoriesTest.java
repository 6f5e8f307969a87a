package io.armory.agent.adapter.docker.images;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.docker.http.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where an engine keeps images and containers, as it says on `/info`.
class EngineDirectoriesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          overlay2         | /run/containerd/containerd.sock            | /var/lib/docker
          io.containerd.snapshotter.v1 | /run/containerd/containerd.sock | /var/lib/docker,/var/lib/containerd
          io.containerd.snapshotter.v1 | /run/docker/containerd/containerd.sock | /var/lib/docker
          io.containerd.snapshotter.v1 | /var/run/docker/containerd/containerd.sock | /var/lib/docker
          """)
  void the_containerd_store_has_a_folder_of_its_own_unless_the_engine_runs_containerd(
      String type, String address, String directories) throws Exception {
    var info =
        "{\"DockerRootDir\":\"/var/lib/docker\",\"DriverStatus\":[[\"driver-type\",\"%s\"]],\"Containerd\":{\"Address\":\"%s\"}}"
            .formatted(type, address);
    assertThat(SpareImages.directories(Json.parse(info.getBytes(UTF_8)), ""))
        .isEqualTo(List.of(directories.split(",")));
  }

  @ParameterizedTest
  @CsvSource({"{}", "'{\"DockerRootDir\":\"C:\\\\\"}'"})
  void an_engine_that_names_none_has_none(String info) throws Exception {
    assertThat(SpareImages.directories(Json.parse(info.getBytes(UTF_8)), "")).isEmpty();
  }

  @Test
  void containerds_folder_is_where_a_running_containers_layers_are() throws Exception {
    var info =
        """
        {"DockerRootDir": "/var/lib/docker", "Containerd": {"Address": "/run/containerd/c.sock"},
         "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}
        """;
    var mounts =
        """
        overlay /var/lib/docker/overlay2/a/merged overlay rw,lowerdir=/var/lib/docker/overlay2/l/B
        overlay /var/lib/docker/rootfs/overlayfs/a overlay rw,relatime,lowerdir=/data/containerd/\
        io.containerd.snapshotter.v1.overlayfs/snapshots/50/fs:/data/containerd/x,upperdir=/data/y
        """;
    assertThat(SpareImages.directories(Json.parse(info.getBytes(UTF_8)), mounts))
        .containsExactly("/var/lib/docker", "/data/containerd");
    assertThat(SpareImages.directories(Json.parse(info.getBytes(UTF_8)), ""))
        .containsExactly("/var/lib/docker", "/var/lib/containerd");
  }
}
