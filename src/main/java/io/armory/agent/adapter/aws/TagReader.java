package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.InstanceMetadata.Answer;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity.Look;
import io.armory.agent.domain.Outcome;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.ec2.model.DescribeTagsRequest;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.TagDescription;

/// The tags of this instance: from IMDS where the instance exposes them, else from EC2. Reads only
/// those the agent has a use for.
record TagReader(InstanceMetadata metadata, AwsClients clients) {
  /// Asked for where no tag names the node: no such tag is there, and IMDS says so.
  private static final String NO_TAG = "armory:no-such-tag";

  static final String GROUP_TAG = "aws:autoscaling:groupName";
  static final String METADATA = "IMDS";
  private static final String OWN = "armory:";
  private static final int PAGE = 1000;

  /// What the SDK gives in place of a missing one.
  private static final String NO_ID = "UNKNOWN";

  /// @param from for people, `IMDS` or `EC2 DescribeTags`
  record Tags(Map<String, String> values, String from, Look lookedAt) {}

  /// @param region empty when nothing names one
  Outcome<Tags> read(String instanceId, Optional<String> region) {
    return switch (metadata.get(MetadataShape.TAGS)) {
      case Answer.Found(var keys) -> fromMetadata(keys);
      case Answer.Absent() -> fromEc2(instanceId, region);
      case Answer.Unknown(var failure) -> Outcome.failed(failure);
    };
  }

  private Outcome<Tags> fromMetadata(String keys) {
    var values = new TreeMap<String, String>();
    for (var key : keys.lines().filter(TagReader::isOfUse).toList()) {
      switch (metadata.get(item(key))) {
        case Answer.Found(var value) -> values.put(key, value);
        case Answer.Absent() -> {
          // Taken away between the list and the question.
        }
        case Answer.Unknown(var failure) -> {
          return Outcome.failed(failure);
        }
      }
    }
    if (values.isEmpty() && !(metadata.get(item(NO_TAG)) instanceof Answer.Absent)) {
      return Outcome.failed(
          Failure.Kind.TRANSIENT, "IMDS tags/instance: what answers has an answer to anything");
    }
    return Outcome.done(
        new Tags(
            values, METADATA, Look.at("IMDS tags/instance: " + keys.lines().count() + " tags")));
  }

  Outcome<Tags> fromEc2(String instanceId, Optional<String> region) {
    if (region.isEmpty()) {
      return Outcome.failed(
          Failure.Kind.INVALID,
          "instance tags: not exposed in IMDS, and no region is known to ask EC2 in;"
              + " allow tags in instance metadata or set AWS_REGION");
    }
    var request =
        DescribeTagsRequest.builder()
            .filters(Filter.builder().name("resource-id").values(instanceId).build())
            .maxResults(PAGE)
            .build();
    var what = "ec2:DescribeTags " + instanceId + " (tags are not exposed in IMDS)";
    return AwsFailures.attempt(
        what,
        () -> {
          var answer = clients.sdk().ec2(region.get()).describeTags(request);
          // EC2 puts an ID into every answer: without one it is somebody else's, not "no tags".
          if (NO_ID.equals(answer.responseMetadata().requestId())) {
            throw AwsFailures.foreign("the answer is not EC2's");
          }
          var values = new TreeMap<String, String>();
          answer.tags().stream()
              .filter(t -> isOfUse(t.key()))
              .forEach(t -> values.put(t.key(), valueOf(t)));
          return new Tags(
              values,
              "EC2 DescribeTags",
              new Look(
                  "IMDS tags/instance: not exposed (404); EC2 DescribeTags: asked instead", true));
        });
  }

  private static String valueOf(TagDescription tag) {
    return tag.value() == null ? "" : tag.value();
  }

  private static boolean isOfUse(String key) {
    return key.startsWith(OWN) || key.equals(GROUP_TAG);
  }

  private static String item(String key) {
    return MetadataShape.TAGS + "/" + encoded(key);
  }

  private static String encoded(String key) {
    return URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20").replace("%3A", ":");
  }
}
