# The stack's parameters in the Parameter Store, below PREFIX/STACK.

variable "stack" {
  type = string
}

variable "prefix" {
  type = string
}

variable "spinnaker_release" {
  description = "null: what the agent's package brings"
  type        = string
}

variable "variables" {
  description = "NAME = value"
  type        = map(string)
}

variable "secrets" {
  description = "NAME = value, as SecureString; neither plan nor state has the values"
  type        = map(string)
  sensitive   = true
}

variable "secrets_version" {
  type = number
}

variable "kms_key_arn" {
  description = "Encrypts the secrets; null: the account's own key for the Parameter Store"
  type        = string
  default     = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  path = "${var.prefix}/${var.stack}"
}

resource "aws_ssm_parameter" "release" {
  count = var.spinnaker_release == null ? 0 : 1
  name  = "${local.path}/version"
  type  = "String"
  value = var.spinnaker_release
  tags  = var.tags
}

resource "aws_ssm_parameter" "variable" {
  for_each = var.variables
  name     = "${local.path}/env/${each.key}"
  type     = "String"
  value    = each.value
  tags     = var.tags
}

resource "aws_ssm_parameter" "secret" {
  # Names are no secret; only values are.
  for_each         = nonsensitive(toset(keys(var.secrets)))
  name             = "${local.path}/env/${each.key}"
  type             = "SecureString"
  key_id           = var.kms_key_arn
  value_wo         = var.secrets[each.key]
  value_wo_version = var.secrets_version
  tags             = var.tags
}
