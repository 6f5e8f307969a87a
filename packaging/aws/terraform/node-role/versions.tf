terraform {
  # 1.11: secrets are handed on as write-only arguments, which the state does not keep.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}
