# The agent's Run Command documents, once for an account and region: packaging/ssm, read and not copied.

variable "name_prefix" {
  description = "Before the name of each document; AWS allows neither aws nor amazon at its beginning"
  type        = string
  default     = "ArmoryAgent-"
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  directory = "${path.module}/../../../ssm"
}

resource "aws_ssm_document" "command" {
  for_each        = { for file in fileset(local.directory, "*.yml") : trimsuffix(file, ".yml") => file }
  name            = "${var.name_prefix}${each.key}"
  document_type   = "Command"
  document_format = "YAML"
  target_type     = "/AWS::EC2::Instance"
  content         = file("${local.directory}/${each.value}")
  tags            = var.tags
}

output "names" {
  description = "of the documents, by what they do"
  value       = { for key, document in aws_ssm_document.command : key => document.name }
}
