package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.AlertTarget;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// Publishes alerts to a topic of SNS, with the condition as an attribute to filter by. The SDK is
/// not touched before the first alert.
///
/// @param clients empty: AWS is not used
/// @param topic its ARN; empty: nobody is told
public record SnsTopic(
    Supplier<Optional<AwsClients>> clients,
    Supplier<Optional<String>> topic,
    Function<Alert, String> message)
    implements AlertTarget {
  /// SNS takes 100 characters of ASCII.
  private static final int LONGEST_SUBJECT = 100;

  private static final Pattern ARN =
      Pattern.compile("arn:aws[a-z-]*:sns:([a-z0-9-]+):\\d{12}:[A-Za-z0-9_-]{1,256}");

  /// Whether it is the ARN of a standard topic.
  public static boolean isArn(String text) {
    return ARN.matcher(text).matches();
  }

  @Override
  public String name() {
    return "sns";
  }

  @Override
  public boolean isAddressed() {
    return topic.get().filter(t -> !t.isBlank()).isPresent();
  }

  @Override
  public Outcome<String> send(Alert alert) {
    var arn = topic.get().orElse("").strip();
    var region = ARN.matcher(arn);
    if (!region.matches()) {
      return Outcome.failed(
          Kind.DENIED, arn + " is not a standard topic such as arn:aws:sns:REGION:ACCOUNT:NAME");
    }
    return clients
        .get()
        .map(aws -> published(aws, region.group(1), arn, alert))
        .orElseGet(() -> Outcome.failed(Kind.DENIED, "AWS is not used: set aws: on in agent.yaml"));
  }

  private Outcome<String> published(AwsClients aws, String region, String arn, Alert alert) {
    return AwsFailures.attempt(
        "sns:Publish " + arn,
        () ->
            aws.sdk()
                .sns(region)
                .publish(r ->
                    r.topicArn(arn)
                        .subject(subject(alert))
                        .message(message.apply(alert))
                        .messageAttributes(
                            Attributes.of(
                                "condition", alert.condition().word(), "state", alert.state())))
                .messageId());
  }

  private static String subject(Alert alert) {
    var text =
        "armory-agent %s: %s%s"
            .formatted(alert.origin().node(), alert.over() ? "over: " : "", alert.what())
            .replaceAll("[^\\x20-\\x7e]", "?");
    return text.length() <= LONGEST_SUBJECT ? text : text.substring(0, LONGEST_SUBJECT - 3) + "...";
  }

  /// Apart, so that the SDK's classes are loaded at the first message only.
  private static final class Attributes {
    static java.util.Map<String, software.amazon.awssdk.services.sns.model.MessageAttributeValue>
        of(String first, String value, String second, String other) {
      return java.util.Map.of(first, text(value), second, text(other));
    }

    private static software.amazon.awssdk.services.sns.model.MessageAttributeValue text(
        String value) {
      return software.amazon.awssdk.services.sns.model.MessageAttributeValue.builder()
          .dataType("String")
          .stringValue(value)
          .build();
    }
  }
}
