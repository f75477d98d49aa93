"""The network: adapters -> shared backbone -> fusion -> head.

Needs torch and safetensors; timm is imported only when one of its backbones is built.
"""
