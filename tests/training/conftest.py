import pytest
import torch

from sgma_qgis.model.feedback import JobFeedback


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)
    torch.set_num_threads(1)  # tensors are tiny


@pytest.fixture
def feedback():
    return JobFeedback("test", lambda event: None)
