package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Blame;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.BackupVault;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/// Objects of S3, each in one request that the SDK's signer signs and the JDK sends. The SDK's own
/// client for S3 would be the largest of all; its light transport holds a whole body in memory,
/// where this one passes it on from the disk.
public final class S3Objects implements BackupVault {
  /// What S3 takes in one request.
  private static final long MOST_BYTES = 5L * 1024 * 1024 * 1024;

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MOST_WORDS = 64 * 1024;
  private static final Pattern CODE = Pattern.compile("<Code>([A-Za-z0-9]{1,64})</Code>");
  private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]{1,300})</Message>");

  private final AwsClients clients;
  private final String region;

  /// @param node where the bucket is looked for first; S3 says where it is otherwise
  public S3Objects(AwsClients clients, Optional<NodeIdentity> node) {
    this.clients = clients;
    this.region = node.flatMap(clients::region).or(clients::configuredRegion).orElse("us-east-1");
  }

  private record Call(SdkHttpMethod method, String bucket, String key, Path file) {
    String what() {
      return (method == SdkHttpMethod.PUT ? "s3:PutObject " : "s3:GetObject ") + address();
    }

    String address() {
      return "s3://" + bucket + "/" + key;
    }
  }

  @Override
  public Outcome<String> put(String bucket, String key, Path file) {
    var call = new Call(SdkHttpMethod.PUT, bucket, key, file);
    try {
      if (Files.size(file) > MOST_BYTES) {
        return Outcome.failed(
            Kind.INVALID, file.getFileName() + " has more than 5 GiB, which S3 takes in one piece");
      }
    } catch (IOException e) {
      return Outcome.failed(Kind.TRANSIENT, "cannot read " + file);
    }
    return made(call);
  }

  @Override
  public Outcome<String> get(String bucket, String key, Path file) {
    return made(new Call(SdkHttpMethod.GET, bucket, key, file));
  }

  private Outcome<String> made(Call call) {
    try {
      var elsewhere = exchange(call, region);
      return elsewhere == null || exchange(call, elsewhere) == null
          ? Outcome.done(call.address())
          : Outcome.failed(Kind.TRANSIENT, call.what() + ": its region is not clear");
    } catch (Refused e) {
      return Outcome.failed(e.failure);
    } catch (SdkException e) {
      var failure = AwsFailures.of(call.what(), e);
      return Outcome.failed(new Failure(failure.kind(), failure.message(), Blame.OUTSIDE));
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      return Outcome.failed(
          Kind.UNREACHABLE,
          call.what() + ": " + AwsFailures.oneLine(String.valueOf(e.getMessage())));
    }
  }

  /// @return the region to ask in instead; `null`: it is done
  private @Nullable String exchange(Call call, String in) throws IOException, Refused {
    var signed = signed(call, in);
    var connection = (HttpURLConnection) signed.getUri().toURL().openConnection();
    connection.setConnectTimeout((int) PATIENCE.toMillis());
    connection.setReadTimeout((int) PATIENCE.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setRequestMethod(call.method().name());
    signed
        .headers()
        .forEach(
            (name, values) -> values.forEach(value -> connection.addRequestProperty(name, value)));
    try {
      if (call.method() == SdkHttpMethod.PUT) {
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(Files.size(call.file()));
        try (var out = connection.getOutputStream()) {
          Files.copy(call.file(), out);
        }
      }
      var status = connection.getResponseCode();
      if (status / 100 == 2) {
        if (call.method() == SdkHttpMethod.GET) {
          try (var body = connection.getInputStream()) {
            Files.copy(body, call.file(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
          }
        }
        return null;
      }
      var other = connection.getHeaderField("x-amz-bucket-region");
      if (other != null && !other.equals(in)) {
        return other;
      }
      throw new Refused(failure(call, status, words(connection)));
    } finally {
      connection.disconnect();
    }
  }

  private SdkHttpRequest signed(Call call, String in) {
    var request = SdkHttpFullRequest.builder().method(call.method()).uri(uri(call, in)).build();
    ContentStreamProvider content = () -> open(call.file());
    return AwsV4HttpSigner.create()
        .sign(r -> {
          r.identity(clients.sdk().credentials())
              .request(request)
              .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "s3")
              .putProperty(AwsV4HttpSigner.REGION_NAME, in)
              .putProperty(AwsV4FamilyHttpSigner.DOUBLE_URL_ENCODE, false)
              .putProperty(AwsV4FamilyHttpSigner.NORMALIZE_PATH, false);
          if (call.method() == SdkHttpMethod.PUT) {
            r.payload(content);
          }
        })
        .request();
  }

  private static InputStream open(Path file) {
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// An endpoint of one's own has the bucket in its path, and so has a bucket whose name a
  /// certificate for all buckets does not cover.
  private URI uri(Call call, String in) {
    var path = "/" + SdkHttpUtils.urlEncodeIgnoreSlashes(call.key());
    var endpoint = clients.endpoint("s3", in);
    if (endpoint.isEndpointOverridden() || call.bucket().contains(".")) {
      var base = endpoint.clientEndpoint().toString().replaceAll("/+$", "");
      return URI.create(base + "/" + call.bucket() + path);
    }
    return URI.create(
        "https://" + call.bucket() + "." + endpoint.clientEndpoint().getHost() + path);
  }

  private static String words(HttpURLConnection connection) throws IOException {
    try (var in = connection.getErrorStream()) {
      return in == null ? "" : new String(in.readNBytes(MOST_WORDS), StandardCharsets.UTF_8);
    }
  }

  private static Failure failure(Call call, int status, String body) {
    var code = CODE.matcher(body);
    var message = MESSAGE.matcher(body);
    var words = code.find() ? code.group(1) : "HTTP " + status;
    // A refused signature's message repeats the request with its token.
    if (message.find() && !words.startsWith("Signature")) {
      words += ", " + AwsFailures.oneLine(message.group(1));
    }
    var kind =
        switch (status) {
          case 401, 403 -> Kind.DENIED;
          case 404 -> Kind.NOT_FOUND;
          default -> status >= 500 ? Kind.TRANSIENT : Kind.INVALID;
        };
    return new Failure(kind, call.what() + ": " + words, Blame.OUTSIDE);
  }

  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Failure failure;

    Refused(Failure failure) {
      super(failure.message());
      this.failure = failure;
    }
  }
}
