package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/// The SDK's exceptions as failures, in one line that holds no credential.
final class AwsFailures {
  private static final int LONGEST = 300;

  private static final Set<String> DENIED =
      Set.of(
          "AccessDenied",
          "AccessDeniedException",
          "UnauthorizedOperation",
          "AuthFailure",
          "UnrecognizedClientException",
          "InvalidClientTokenId",
          "InvalidSignatureException",
          "SignatureDoesNotMatch",
          "IncompleteSignature",
          "MissingAuthenticationToken",
          "MissingAuthenticationTokenException",
          "ExpiredToken",
          "ExpiredTokenException",
          "RequestExpired",
          "OptInRequired",
          "NotAuthorized");

  /// Their messages repeat the request as it was signed, with the session token in it.
  private static final Set<String> TELLTALE =
      Set.of("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature");

  private static final Pattern CREDENTIAL =
      Pattern.compile("(?i)(token|secret|credential|signature)[a-z-]*[=:]\\s*\\S+");

  private AwsFailures() {}

  /// For an answer that cannot be the service's own, such as a proxy's: none at all, to be asked
  /// for again. Made here and not where it is thrown, so that those classes can be loaded without
  /// the SDK.
  static RuntimeException foreign(String why) {
    return SdkClientException.create(why);
  }

  /// Runs a call and translates what it throws.
  ///
  /// @param what begins the failure's line, such as "ssm:GetParametersByPath /armory/spinnaker"
  static <T> Outcome<T> attempt(String what, Supplier<T> call) {
    try {
      return Outcome.done(call.get());
    } catch (SdkException e) {
      return Outcome.failed(of(what, e));
    } catch (UncheckedIOException e) {
      return Outcome.failed(ofIo(what, ioCause(e).orElseThrow()));
    } catch (IllegalArgumentException | IllegalStateException e) {
      // What the SDK throws for settings it cannot use, such as an endpoint that is no URL.
      return Outcome.failed(Kind.INVALID, what + ": " + oneLine(String.valueOf(e.getMessage())));
    }
  }

  /// Thrown for a file of settings that cannot be read, and for an answer that is no HTTP.
  private static Failure ofIo(String what, IOException e) {
    return e instanceof FileSystemException
        ? new Failure(
            Kind.INVALID, what + ": cannot read " + oneLine(String.valueOf(e.getMessage())))
        : new Failure(Kind.UNREACHABLE, what + ": out of reach: " + reason(e));
  }

  static Failure of(String what, SdkException e) {
    return switch (e) {
      case AwsServiceException service -> ofService(what, service);
      case ApiCallTimeoutException _, ApiCallAttemptTimeoutException _ ->
          new Failure(Kind.TIMEOUT, what + ": no answer in time");
      case AbortedException _ -> new Failure(Kind.TRANSIENT, what + ": interrupted");
      default -> ofClient(what, e);
    };
  }

  private static Failure ofService(String what, AwsServiceException e) {
    var details = e.awsErrorDetails();
    var code = details == null || details.errorCode() == null ? "" : details.errorCode();
    var said = details == null ? null : details.errorMessage();
    var words = code.isEmpty() ? "HTTP " + e.statusCode() : oneLine(code);
    if (said != null && !TELLTALE.contains(code)) {
      words += ", " + oneLine(said);
    }
    return new Failure(kind(e, code), what + ": " + words);
  }

  private static Kind kind(AwsServiceException e, String code) {
    if (DENIED.contains(code)) {
      return Kind.DENIED;
    }
    if (e.isThrottlingException() || e.statusCode() >= 500 || e.isClockSkewException()) {
      return Kind.TRANSIENT;
    }
    if (code.endsWith("NotFound") || code.endsWith("NotFoundException")) {
      return Kind.NOT_FOUND;
    }
    if (code.equals("InvalidNextToken")) {
      return Kind.CONFLICT; // a page's token has ended: begin anew
    }
    if (e.statusCode() == 401 || e.statusCode() == 403) {
      return Kind.DENIED;
    }
    // AWS names what is wrong with a request; without a name it was somebody in between.
    return code.isEmpty() ? Kind.UNREACHABLE : Kind.INVALID;
  }

  private static Failure ofClient(String what, SdkException e) {
    var io = ioCause(e);
    if (io.isPresent()) {
      var cause = io.get();
      return cause instanceof SocketTimeoutException || cause instanceof HttpTimeoutException
          ? new Failure(Kind.TIMEOUT, what + ": no answer in time")
          : new Failure(Kind.UNREACHABLE, what + ": out of reach: " + reason(cause));
    }
    var said = String.valueOf(e.getMessage());
    if (said.contains("Unable to load credentials")) {
      return new Failure(
          Kind.DENIED,
          what + ": no AWS credentials; attach an instance profile to the node or set AWS_PROFILE");
    }
    return new Failure(Kind.TRANSIENT, what + ": " + oneLine(said));
  }

  static Optional<IOException> ioCause(@Nullable Throwable e) {
    for (var cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io) {
        return Optional.of(io);
      }
    }
    return Optional.empty();
  }

  static String reason(IOException e) {
    var message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : oneLine(message);
  }

  /// The first line, not too long, with whatever looks like a credential taken out.
  static String oneLine(String text) {
    var line = CREDENTIAL.matcher(text.strip().lines().findFirst().orElse("")).replaceAll("$1=…");
    var plain = Problem.oneLine(line);
    return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST) + "…";
  }
}
